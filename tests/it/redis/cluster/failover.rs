//! A failover to another master, or the move of a slot to another node, while everybody writes.

use crate::redis::harness::{Cluster, Rush, Watched, until_answer_contains, until_replica_has_all};

const WHO: [&str; 3] = ["SENTINEL", "get-master-addr-by-name", "mymaster"];

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_is_killed_is_replaced_by_two_of_three_sentinels_and_nothing_is_lost() {
    let mut watched = Watched::start_with(&[]).await;
    let mut rush = Rush::on(&watched.url()).await;
    until_replica_has_all(&watched.master, &watched.replica).await;
    rush.writes_for(300).await;
    // The Sentinel that the program asked first is killed as well.
    watched.sentinels[0].kill();
    watched.master.kill();
    let (new, sentinel) = (watched.replica.port().to_string(), &watched.sentinels[1]);
    rush.until("another master is elected", || sentinel.ask(&WHO).contains(&new)).await;
    rush.finish_with_each_once().await;
    rush.was_reported_once();
    until_answer_contains(&watched.replica, &["ROLE"], "master").await;
    rush.restart_with_few_repeats().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "half a minute: `just failover`"]
async fn a_planned_failover_loses_nothing_and_repeats_little_if_a_master_alone_takes_no_writes() {
    let watched = Watched::start_with(&["--min-replicas-to-write", "1"]).await;
    let mut rush = Rush::on(&watched.url()).await;
    until_replica_has_all(&watched.master, &watched.replica).await;
    let (new, sentinel) = (watched.replica.port().to_string(), &watched.sentinels[1]);
    rush.writes_for(300).await;
    assert_eq!(sentinel.ask(&["SENTINEL", "FAILOVER", "mymaster"]).trim(), "OK");
    rush.until("another master is elected", || sentinel.ask(&WHO).contains(&new)).await;
    rush.finish_with_each_once().await;
    rush.restart_with_few_repeats().await;
    until_answer_contains(&watched.master, &["ROLE"], "slave").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_of_a_cluster_that_is_killed_is_replaced_and_nothing_is_lost() {
    let mut cluster = Cluster::start().await;
    let mut rush = Rush::on(&cluster.url()).await;
    let killed = Cluster::holder(cluster.slot(0));
    let id = cluster.id(killed);
    let replicas = cluster.nodes[(killed + 1) % 3].ask(&["CLUSTER", "REPLICAS", &id]);
    let is_its = |node: &usize| replicas.contains(&format!(":{}@", cluster.nodes[*node].port()));
    let replica = (3..6).find(is_its).unwrap();
    until_replica_has_all(&cluster.nodes[killed], &cluster.nodes[replica]).await;
    rush.writes_for(300).await;
    cluster.nodes[killed].kill();
    let replica = &cluster.nodes[replica];
    rush.until("its replica takes over", || replica.ask(&["ROLE"]).contains("master")).await;
    rush.finish_with_each_once().await;
    rush.restart_with_few_repeats().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_that_move_to_another_node_key_by_key_under_load_lose_and_repeat_nothing() {
    let cluster = Cluster::start().await;
    let mut rush = Rush::on(&cluster.url()).await;
    for partition in [0, 3, 7] {
        let slot = cluster.slot(partition);
        let from = Cluster::holder(slot);
        let to = (from + 1) % 3;
        let (from_id, to_id, slot) = (cluster.id(from), cluster.id(to), slot.to_string());
        let (from, to) = (&cluster.nodes[from], &cluster.nodes[to]);
        let set = |node: &crate::redis::Server, what: &[&str]| {
            let answer = node.ask(&[&["CLUSTER", "SETSLOT", &slot], what].concat());
            assert_eq!(answer.trim(), "OK");
        };
        set(to, &["IMPORTING", &from_id]);
        set(from, &["MIGRATING", &to_id]);
        let port = to.port().to_string();
        let mut moved = 0;
        loop {
            let key = from.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "1"]);
            let key = key.trim();
            if key.is_empty() {
                break;
            }
            let answer = from.ask(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
            assert_eq!(answer.trim(), "OK", "{key}");
            moved += 1;
            // Enough traffic for requests during the migration of the slot.
            rush.writes_for(20).await;
        }
        assert!(moved > 5, "{moved} keys");
        set(to, &["NODE", &to_id]);
        set(from, &["NODE", &to_id]);
        rush.writes_for(200).await;
    }
    rush.finish_with_each_once().await;
}
