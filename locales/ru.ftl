# Всё, что говорит бот по-русски. Как заменить любой текст без пересборки — docs/ru/use/texts.md.
#
# Сообщения — это HTML Телеграма: вместо < > & пишите &lt; &gt; &amp;. Ответы, кнопки, команды и слова — без разметки.
# Собственные пометки бота в теме начинаются с -sign и набраны курсивом: их не спутать со словами пользователя.

-sign = ◆
-not-copied = Telegram не разрешает ботам копировать такие сообщения.
-anonymous = Вы: пишете анонимно, поэтому вашего ID здесь не видно. Выключите «Анонимность» в своих правах администратора и снова отправьте /id. Или напишите @userinfobot: он пришлёт ваш ID.
-as-channel = Вы: пишете от имени канала, поэтому вашего ID здесь не видно. Нажмите на аватар рядом с полем ввода, выберите себя и снова отправьте /id. Или напишите @userinfobot: он пришлёт ваш ID.
-commands =
    /ban — заблокировать пользователя; ещё раз — снять блокировку
    /silent — писать здесь незаметно для пользователя; ещё раз — выключить тихий режим
    /information — показать карточку пользователя
    /delete — ответом на сообщение: удалить его у пользователя
    /close — закрыть диалог
    /reopen — снова открыть диалог
    /help — справка
    /id — ID этой группы и темы

## To users

greeting =
    Здравствуйте, <b>{ $name }</b>!

    Напишите свой вопрос: его прочтут люди, и ответ придёт сюда же, в этот чат.
    /help — что можно прислать, /language — сменить язык
greeting-nameless =
    Здравствуйте!

    Напишите свой вопрос: его прочтут люди, и ответ придёт сюда же, в этот чат.
    /help — что можно прислать, /language — сменить язык
help =
    Просто напишите: всё, что вы сюда отправите, увидят наши операторы и ответят вам прямо в этом чате.

    Можно прислать текст, фото, видео, голосовые, файлы, геопозицию — всё, что поможет разобраться. Чтобы уточнить, о чём речь, ответьте на нужное сообщение, а чтобы исправиться — отредактируйте своё.

    /language — сменить язык
choose-language = На каком языке вам удобнее?
language-chosen = Теперь я говорю по-русски. Вопрос можно задать на любом языке.
flood-held = Вы присылаете сразу много сообщений. Остальные уйдут операторам все вместе, как только вы сделаете паузу на минуту, но не позже чем через пять минут. Ничего не потеряется.

# Тому, кто пишет впервые, когда одновременно пишут многие.
rush = Ваше сообщение получено. Сейчас нам пишет очень много людей, поэтому ответа, возможно, придётся ждать дольше обычного.

## To operators: the card of a user

card =
    <b><a href="tg://user?id={ $user }">{ $name }</a></b>

    ID: <code>{ $user }</code>
    Имя в Telegram (@): { $username }
    Язык: { $language }
    Пишет с: { $since }
    Статус: { $status }

    { -commands }
    Сообщения, которые начинаются с //, видят только операторы.

# The words that the card is filled with.
no-username = нет
status-active = на связи
status-banned = заблокирован
status-silent = тихий режим
status-unreachable = недоступен

# Lines under the card, where there is something to say.
card-request = Заявка: № { $number }
card-answers =
    Ответы на вопросы приветствия:
    { $answers }

## To operators: what the welcome has said to the user

welcome-said =
    <i>{ -sign } Бот и пользователь:</i>

    { $words }

## To operators: what happened in the conversation

banned = <i>{ -sign } Пользователь заблокирован: его сообщения сюда больше не приходят. Снять блокировку — ещё раз /ban.</i>
unbanned = <i>{ -sign } Блокировка снята: сообщения пользователя снова приходят сюда.</i>
silent-on = <i>{ -sign } Тихий режим включён: пользователь не получает того, что вы здесь пишете. Выключить — /silent.</i>
silent-off = <i>{ -sign } Тихий режим выключен: пользователь снова получает то, что вы здесь пишете.</i>
closed = <i>{ -sign } Диалог закрыт. Он снова откроется, когда пользователь напишет, или по команде /reopen.</i>
reopened = <i>{ -sign } Диалог снова открыт.</i>
staff-help =
    <b>Всё, что вы пишете в теме, получает её пользователь.</b> Ответы, правки и реакции тоже доходят. Сообщения, которые начинаются с //, видят только операторы.

    { -commands }
unknown-command = <i>{ -sign } Такой команды нет, пользователю ничего не отправлено. Список команд — /help.</i>
answers-elsewhere = <i>{ -sign } Сообщение ниже — ответ на сообщение из другого чата: { $source }</i>
answers-elsewhere-quoting =
    <i>{ -sign } Сообщение ниже — ответ на сообщение из другого чата: { $source }</i>
    <blockquote>{ $quote }</blockquote>
elsewhere-unnamed = источник неизвестен
edited-anew = <i>{ -sign } Сообщение отредактировано. Прежнюю копию изменить нельзя, поэтому оно отправлено заново.</i>
user-left = <i>{ -sign } Пользователь заблокировал бота или удалил аккаунт. Пока он не вернётся, сообщения до него не дойдут.</i>
user-returned = <i>{ -sign } Пользователь вернулся, ему снова можно писать.</i>
flood-asks =
    <i>{ -sign } Пользователь пишет очень быстро: уже ждут больше { $limit ->
        [one] { $limit } сообщения.
        [few] { $limit } сообщений.
        [many] { $limit } сообщений.
       *[other] { $limit } сообщений.
    } Они придут сюда все вместе, как только он сделает паузу на минуту, но не позже чем через пять минут, — если вы не решите иначе:</i>
flood-dropped =
    <i>{ -sign } Отброшено: { $count ->
        [one] { $count } сообщение или правка пользователя.
        [few] { $count } сообщения и правки пользователя.
        [many] { $count } сообщений и правок пользователя.
       *[other] { $count } сообщений и правок пользователя.
    }</i>
continued-from = <i>{ -sign } Прежняя переписка с этим пользователем — в теме { $link }, если её не удалили.</i>
goes-on-in = <i>{ -sign } Переписка продолжается в теме { $link }. Отвечать можно и здесь.</i>
about-former = <i>{ -sign } О том, что было написано в прежней теме:</i>
about-former-by = <i>{ -sign } <a href="tg://user?id={ $operator }">Вы</a> писали в прежней теме:</i>
some-missing =
    <i>{ -sign } { $missing ->
        [one] { $missing } сообщение не доставлено: скорее всего, его успели удалить.
        [few] { $missing } сообщения не доставлены: скорее всего, их успели удалить.
       *[many] { $missing } сообщений не доставлено: скорее всего, их успели удалить.
    }</i>

## To operators: what could not be copied

not-copied-text = <i>{ -sign } Не передано: текстовое сообщение. { -not-copied }</i>
not-copied-photo = <i>{ -sign } Не передано: фотография. { -not-copied }</i>
not-copied-video = <i>{ -sign } Не передано: видео. { -not-copied }</i>
not-copied-animation = <i>{ -sign } Не передано: анимация. { -not-copied }</i>
not-copied-audio = <i>{ -sign } Не передано: аудиозапись. { -not-copied }</i>
not-copied-voice = <i>{ -sign } Не передано: голосовое сообщение. { -not-copied }</i>
not-copied-video-note = <i>{ -sign } Не передано: видеосообщение. { -not-copied }</i>
not-copied-document = <i>{ -sign } Не передано: файл. { -not-copied }</i>
not-copied-sticker = <i>{ -sign } Не передано: стикер. { -not-copied }</i>
not-copied-contact = <i>{ -sign } Не передано: контакт. { -not-copied }</i>
not-copied-location = <i>{ -sign } Не передано: геопозиция. { -not-copied }</i>
not-copied-venue = <i>{ -sign } Не передано: место на карте. { -not-copied }</i>
not-copied-poll = <i>{ -sign } Не передано: опрос. { -not-copied }</i>
not-copied-dice = <i>{ -sign } Не передано: анимированный эмодзи. { -not-copied }</i>
not-copied-story = <i>{ -sign } Не передано: история. { -not-copied }</i>
not-copied-game = <i>{ -sign } Не передано: игра. { -not-copied }</i>
not-copied-checklist = <i>{ -sign } Не передано: чек-лист. { -not-copied }</i>
not-copied-paid-media = <i>{ -sign } Не передано: платное фото или видео. { -not-copied }</i>
not-copied-invoice = <i>{ -sign } Не передано: счёт на оплату. { -not-copied }</i>
not-copied-payment = <i>{ -sign } Не передано: уведомление об оплате. { -not-copied }</i>
not-copied-giveaway = <i>{ -sign } Не передано: розыгрыш. { -not-copied }</i>
not-copied-gift = <i>{ -sign } Не передано: подарок. { -not-copied }</i>
not-copied-passport = <i>{ -sign } Не передано: документы из Telegram Passport. Они зашифрованы, и Telegram не разрешает ботам их копировать.</i>
not-copied-service = <i>{ -sign } Не передано: служебное сообщение Telegram о чате. { -not-copied }</i>
not-copied-protected = <i>{ -sign } Не передано: защищённое сообщение. Его источник запретил копирование.</i>
not-copied-other = <i>{ -sign } Не передано: сообщение неизвестного вида. { -not-copied }</i>

## To operators: why a message did not arrive

send-failed-blocked = <i>{ -sign } Не доставлено: пользователь заблокировал бота. Повторите, когда он вернётся, — бот сообщит об этом здесь.</i>
send-failed-gone = <i>{ -sign } Не доставлено: аккаунт удалён, или пользователь никогда не запускал бота. Если знаете другой способ связаться с пользователем, воспользуйтесь им.</i>
send-failed-not-copyable = <i>{ -sign } Не доставлено: Telegram не разрешает ботам копировать такие сообщения. Отправьте то же самое в другом виде.</i>
send-failed-vanished = <i>{ -sign } Не доставлено: сообщение удалили раньше, чем бот успел его скопировать. Если оно всё ещё нужно, отправьте его заново.</i>
send-failed-copy-gone = <i>{ -sign } Не передано: копии на другой стороне больше нет. Если это важно, отправьте новое сообщение.</i>
send-failed-privacy = <i>{ -sign } Не доставлено: настройки приватности пользователя запрещают голосовые и видеосообщения. Напишите текстом или пришлите файл.</i>
send-failed-topic = <i>{ -sign } Не доставлено: Telegram не принял сообщение ни в эту тему, ни в новую. Проверьте, что бот может управлять темами этой группы, и повторите.</i>
send-failed-refused = <i>{ -sign } Не доставлено: Telegram не принял сообщение ни одним способом. Отправьте его иначе: короче, по частям или файлом.</i>
send-failed-defect = <i>{ -sign } Не доставлено: сбой в самом боте. Повторите; если не поможет, отправьте в другом виде и сообщите владельцу бота.</i>

## To operators: /delete and /id

deleted = <i>{ -sign } Удалено у пользователя.</i>
not-deleted = <i>{ -sign } Не удалено: Telegram этого больше не позволяет. Бот может удалить сообщение только в течение 48 часов.</i>
stuck = <i>{ -sign } Сообщение застряло: Telegram его не принимает. Бот повторяет отправку каждые полминуты, следующие сообщения его не ждут.</i>
delete-what = <i>{ -sign } Отправьте /delete ответом на сообщение, которое нужно удалить у пользователя.</i>
nothing-to-delete = <i>{ -sign } Удалять нечего: в чате пользователя такого сообщения нет.</i>
ids =
    Группа: <code>{ $chat }</code>
    Вы: <code>{ $user }</code>
ids-in-topic =
    Группа: <code>{ $chat }</code>
    Тема: <code>{ $topic }</code>
    Вы: <code>{ $user }</code>
ids-anonymous =
    Группа: <code>{ $chat }</code>
    { -anonymous }
ids-anonymous-in-topic =
    Группа: <code>{ $chat }</code>
    Тема: <code>{ $topic }</code>
    { -anonymous }
ids-as-channel =
    Группа: <code>{ $chat }</code>
    { -as-channel }
ids-as-channel-in-topic =
    Группа: <code>{ $chat }</code>
    Тема: <code>{ $topic }</code>
    { -as-channel }

## To operators: who writes as a channel

written-as-channel = <i>{ -sign } Не доставлено: сообщения от имени канала пользователю не передаются, а из команд работает только /id. Нажмите на аватар рядом с полем ввода, выберите себя и отправьте ещё раз.</i>

## To the owner, in the private chat

owner-crashed =
    <b>{ -sign } Бот аварийно завершился и запущен снова.</b>

    Сбой (panic) в <code>{ $place }</code>, задача <code>{ $task }</code>, { $moment }. Всё, что было сохранено, на месте.
    Это ошибка в программе: сообщите о ней и приложите файл <code>crashes/{ $file }</code> из DATA_DIR. Сообщений пользователей в нём нет.
owner-ended =
    <b>{ -sign } Бот остановился сам и запущен снова.</b>

    Бот работал с { $moment }, потом остановилась задача <code>{ $task }</code>; файла о сбое нет. Всё, что было сохранено, на месте. Подробности — в журнале.
owner-stood-still =
    <b>{ -sign } Бот завис, сам завершил работу и запущен снова.</b>

    Цикл <code>{ $task }</code> не двигался несколько минут; бот завершился { $moment }. Всё, что было сохранено, на месте.
    Это ошибка в программе: сообщите о ней и приложите файл <code>crashes/{ $file }</code> из DATA_DIR. Сообщений пользователей в нём нет.
owner-killed =
    <b>{ -sign } Бот завершился некорректно и запущен снова.</b>

    Бот работал с { $moment } и не оставил файла о сбое: процесс принудительно завершили, кончилась память или выключился сервер. Всё, что было сохранено, на месте.
owner-panicked =
    <b>{ -sign } Бот перехватил ошибку в программе и продолжает работать.</b>

    Сбой (panic) в <code>{ $place }</code>, задача <code>{ $task }</code>, { $moment }. Пострадало только то, что обрабатывалось в этот момент.
    Сообщите об ошибке и приложите файл <code>crashes/{ $file }</code> из DATA_DIR. Сообщений пользователей в нём нет.
owner-monitoring-silent =
    <b>{ -sign } Мониторинг не работает с { $time } UTC.</b>

    Сторожевой сигнал Alertmanager больше не приходит: что бы сейчас ни сломалось, оповещения не будет. Проверьте Prometheus и Alertmanager.
owner-monitoring-back = <b>{ -sign } Мониторинг снова работает (с { $time } UTC).</b>
owner-store-begun =
    <b>{ -sign } Хранилище не работает с { $moment }.</b>

    Пока оно не заработает, новые сообщения не принимаются; Telegram хранит сообщения пользователей сутки. Проверьте диск или Redis; причина — в журнале.
owner-store-denies =
    <b>{ -sign } Redis не принимает пароль или имя пользователя с { $moment }.</b>

    Пока он не пустит бота, новые сообщения не принимаются; Telegram хранит сообщения пользователей сутки. Проверьте REDIS_PASSWORD и REDIS_USERNAME.
owner-store-over = <b>{ -sign } Хранилище снова работает (с { $moment }).</b>
owner-group-begun =
    <b>{ -sign } Telegram не даёт боту работать в группе операторов с { $moment }.</b>

    Сообщения ждут и не потеряются. Снова сделайте бота администратором с правом управлять темами; чего именно не хватает, скажет <code>support-bot doctor</code>.
owner-group-over = <b>{ -sign } Бот снова работает в группе операторов (с { $moment }). Накопившиеся сообщения отправляются.</b>
owner-token-begun =
    <b>{ -sign } Кто-то ещё пользуется токеном бота с { $moment }.</b>

    Часть сообщений пользователей достаётся другой программе и может сюда не попасть. Остановите другую программу. Если вы о такой не знаете, выпустите новый токен в @BotFather и укажите его в BOT_TOKEN.
owner-token-over = <b>{ -sign } Токеном снова пользуется только этот бот (с { $moment }).</b>
owner-webhook-begun =
    <b>{ -sign } Вебхук недоступен для Telegram с { $moment }.</b>

    Telegram хранит сообщения пользователей сутки и пробует доставить их снова. Проверьте прокси, сертификат и имя в WEBHOOK_URL; на что жалуется Telegram, скажет <code>support-bot doctor</code>.
owner-webhook-over = <b>{ -sign } Вебхук снова доступен для Telegram (с { $moment }).</b>
owner-backup-begun =
    <b>{ -sign } Резервные копии не создаются (замечено { $moment }).</b>

    Последняя попытка не удалась, или копий не было двое суток. Если хранилище пропадёт сейчас, пропадёт и всё, что пришло после последней копии. Запустите <code>support-bot backup</code> вручную: команда назовёт причину.
owner-backup-over = <b>{ -sign } Резервные копии снова создаются (с { $moment }).</b>
owner-disk-begun =
    <b>{ -sign } Диск с хранилищем почти заполнен (замечено { $moment }).</b>

    Свободно меньше десятой части. Когда место кончится, бот перестанет принимать сообщения. Освободите место или увеличьте диск.
owner-disk-over = <b>{ -sign } На диске с хранилищем снова есть место (с { $moment }).</b>
owner-tracker-begun =
    <b>{ -sign } TGTrack не принимает данные с { $moment }.</b>

    На переписку это не влияет. Бот повторяет отправку в течение суток, а потом сохраняет данные как недоставленные. Доступен ли TGTrack, покажет <code>support-bot doctor</code>; если доступен, проверьте TGTRACK_API_KEY.
owner-tracker-over = <b>{ -sign } TGTrack снова принимает данные (с { $moment }).</b>
owner-stuck-begun =
    <b>{ -sign } Сообщение застряло: Telegram не принимает его с { $moment }.</b>

    Остальные сообщения доходят. Бот повторяет отправку каждые полминуты; в теме есть пометка. Если не поможет, попросите автора отправить то же самое в другом виде.
owner-stuck-over = <b>{ -sign } Застрявших сообщений больше нет (с { $moment }).</b>
owner-limit-begun =
    <b>{ -sign } Лимит Telegram на группу операторов исчерпан уже целый час (замечено { $moment }).</b>

    Ничего не потеряется, но часть сообщений приходит в группу с опозданием. Что именно ждёт отправки, покажет <code>/status</code>. Если в одной теме новых сообщений намного больше, чем в других, значит, один пользователь засыпает бота сообщениями: заблокируйте его командой <code>/ban</code> в этой теме. Если людей много каждый день, часть нагрузки возьмёт на себя второй бот со своей группой.
owner-limit-over = <b>{ -sign } Лимита Telegram на группу операторов снова хватает (с { $moment }).</b>
owner-alerts-begun =
    <b>{ -sign } Оповещения не доставляются с { $moment }.</b>

    Alertmanager не может отправить сообщения: о следующей неполадке дежурный может не узнать, как и о той, что длится сейчас. Причину покажет <code>docker compose logs --tail 50 alertmanager</code>; <code>monitoring/smoke</code> проверит все способы доставки.
owner-alerts-over = <b>{ -sign } Оповещения снова доставляются (с { $moment }).</b>
owner-given-up =
    <b>{ -sign } { $count ->
        [one] Не удалось обработать { $count } сообщение или обновление.
        [few] Не удалось обработать { $count } сообщения или обновления.
       *[many] Не удалось обработать { $count } сообщений или обновлений.
    }</b>

    Они сохранены: <code>support-bot dead list</code> покажет их и причину, <code>support-bot dead replay</code> попробует ещё раз. Какие сообщения не дошли, операторы видят в теме.
owner-group-moved =
    <b>{ -sign } У группы операторов новый ID.</b>

    Telegram больше не принимает ID <code>{ $from }</code> и назвал вместо него <code>{ $to }</code>: теперь бот работает там. Укажите новый ID в BOT_GROUP_ID. Если группу никто не менял, остановите бота и выясните причину: сообщения пользователей уходят в группу с новым ID.
owner-damaged =
    <b>{ -sign } Файл хранилища повреждён.</b>

    Проверка нашла в нём повреждённые страницы. Бот продолжает работать, но в некоторых диалогах возможны сбои. Проверьте диск, остановите бота, сохраните копию DATA_DIR и восстановите последнюю резервную копию, сделанную до повреждения: <code>support-bot restore</code>.
owner-kept-back =
    { $kept ->
        [one] Ещё { $kept } такое сообщение не отправлено.
        [few] Ещё { $kept } таких сообщения не отправлены.
       *[many] Ещё { $kept } таких сообщений не отправлено.
    }

## To administrators and the owner, who asked how the desk is: a line each

desk-head = <b>{ -sign } support-bot { $version }</b>, работает { $uptime }
desk-in-file = Хранилище — файл на этом сервере.
desk-in-redis = Хранилище — в Redis.
desk-well = Хранилище, Telegram и группа в порядке.
desk-store-down = ⚠ Хранилище не работает уже { $age }.
desk-telegram-down = ⚠ Telegram недоступен уже { $age }.
desk-group-down = ⚠ Бот не может работать в группе уже { $age }.
desk-inbox = Ждут обработки: { $count }, самому старому — { $age }
desk-inbox-empty = Ждут обработки: 0
desk-outbox = К отправке, { $class }: { $count }, самому старому — { $age }
desk-outbox-empty = К отправке: 0
desk-tracker = Ждут отправки в TGTrack: { $count }, самому старому — { $age }
desk-tracker-empty = Ждут отправки в TGTrack: 0
desk-class-button = ответы на кнопки
desk-class-to-user = пользователям
desk-class-urgent = ответы на команды операторов
desk-class-known = от пользователей
desk-class-opening = от пользователей, у которых ещё нет темы
desk-class-stranger = от пользователей, которым не отвечали или отвечали давно
desk-class-notice = сообщения самого бота
desk-class-cosmetic = названия, карточки и закрепления
desk-class-newsletter = рассылки
desk-overall-left = Лимит Telegram на все чаты: в эту секунду свободно { $left } из { $of }
desk-overall-frozen = ⚠ Telegram просит ничего не отправлять ещё { $age }.
desk-group-left = Лимит Telegram на группу: в эту минуту свободно { $left } из { $of }
desk-group-used = Лимит Telegram на группу за последние { $age }: использовано { $percent } %
desk-group-frozen = ⚠ Telegram просит ничего не отправлять в группу ещё { $age }.
desk-waiting = Ждут ответа: { $count }, первый — уже { $age }
desk-waiting-none = Ждут ответа: 0
desk-dead = Так и не доставлено: { $count }, см. <code>support-bot dead</code>
desk-dead-none = Так и не доставлено: 0
desk-stored-unknown = Что лежит в хранилище, сейчас неизвестно.
desk-alerts-none = Оповещений нет
desk-alerts-unknown = ⚠ Alertmanager не отвечает: есть ли оповещения, неизвестно.
desk-alert-critical = ✗ Критическое оповещение: <code>{ $alert }</code>
desk-alert-warning = ⚠ Оповещение: <code>{ $alert }</code>
desk-alerts-more = { $count ->
    [one] … и ещё { $count } оповещение
    [few] … и ещё { $count } оповещения
   *[many] … и ещё { $count } оповещений
}
desk-backup = Последняя резервная копия: { $age } назад
desk-backup-failed = ⚠ Резервные копии не создаются; запустите <code>support-bot backup</code> вручную, чтобы узнать почему.
desk-backup-none = Резервные копии: боту не известно ни об одной
desk-parts = Разделы этого процесса (всего их 16): { $parts }
desk-finding-ok = ✓ { $what }
desk-finding-warn = ⚠ { $what }
desk-finding-fail = ✗ { $what }
desk-finding-remedy = → { $what }
desk-found-ok = <b>{ -sign } Всё в порядке.</b>
desk-found-warn = <b>{ -sign } Бот работает, но не всё в порядке.</b>
desk-found-fail = <b>{ -sign } Так бот работать не может.</b>
age-seconds = { $count } с
age-minutes = { $count } мин
age-hours = { $count } ч
age-days = { $count } сут
date = { $day } { $month ->
    [1] января
    [2] февраля
    [3] марта
    [4] апреля
    [5] мая
    [6] июня
    [7] июля
    [8] августа
    [9] сентября
    [10] октября
    [11] ноября
   *[12] декабря
} { $year }
moment = { $date }, { $time } UTC
zone = { $city ->
    [Moscow] Москва
    [Kaliningrad] Калининград
    [Samara] Самара
    [Saratov] Саратов
    [Volgograd] Волгоград
    [Astrakhan] Астрахань
    [Ulyanovsk] Ульяновск
    [Kirov] Киров
    [Yekaterinburg] Екатеринбург
    [Omsk] Омск
    [Novosibirsk] Новосибирск
    [Barnaul] Барнаул
    [Tomsk] Томск
    [Novokuznetsk] Новокузнецк
    [Krasnoyarsk] Красноярск
    [Irkutsk] Иркутск
    [Chita] Чита
    [Yakutsk] Якутск
    [Vladivostok] Владивосток
    [Sakhalin] Сахалин
    [Magadan] Магадан
    [Kamchatka] Камчатка
    [Anadyr] Анадырь
    [Minsk] Минск
    [Almaty] Алматы
    [Tashkent] Ташкент
    [Bishkek] Бишкек
    [Tbilisi] Тбилиси
    [Yerevan] Ереван
    [Baku] Баку
    [London] Лондон
    [Berlin] Берлин
   *[other] { $city }
}, UTC{ $offset }
zone-utc = UTC{ $offset }
moment-in-zone = { $date }, { $time } ({ $zone })

## What a check of the desk's surroundings finds: the first line says what is so, the second what to do

found-answering = Telegram отвечает.
found-unreachable =
    Telegram недоступен: { $why }.
    Проверьте сеть, брандмауэр и BOT_API_URL.
found-proxy-unreachable =
    Прокси из { $setting } недоступен или не отвечает.
    Проверьте его вид (http://, https:// или socks5h://), адрес и порт и работает ли он; чтобы обращаться к Telegram напрямую, удалите { $setting }.
found-proxy-password =
    Прокси из { $setting } требует имя пользователя и пароль или не принимает указанные.
    Укажите их в { $setting } перед адресом: http://user:password@host:port; спецсимволы — в виде %40 и так далее.
found-proxy-refused =
    Прокси из { $setting } не соединяет с Telegram.
    Разрешите ему сервер из BOT_API_URL (api.telegram.org) и порт 443 и проверьте, что в { $setting } указан верный вид прокси (http:// или socks5h://).
found-authority-unknown =
    Сертификат подписан центром, которого эта машина не знает (прокси просматривает трафик?).
    Укажите в SSL_CERT_FILE файл с сертификатом этого центра.
found-slow =
    Telegram слишком долго не отвечал.
    Повторите через минуту.
found-token-known = Токен действителен: это бот @{ $bot }.
found-token-unknown =
    Telegram не знает такого токена.
    Откройте @BotFather, отправьте /mybots, выберите бота, затем API Token, и впишите токен в BOT_TOKEN.
found-private-topics = В личных чатах с ботом включены темы: бот пишет пользователю в ту тему, куда тот писал в последний раз.
found-business-unserved =
    Бота можно подключить к бизнес-аккаунтам, но сообщения из их чатов операторам не передаются.
    Откройте @BotFather, отправьте /mybots, выберите бота, Bot Settings, Business Mode, и выключите этот режим.
found-clock-untold = Telegram не сообщил время.
found-clock-right = Часы сервера не расходятся с часами Telegram.
found-clock-off =
    Часы сервера расходятся с часами Telegram на { $age }.
    Включите синхронизацию времени: timedatectl set-ntp true.
found-updates-polled = Вебхук не установлен; в очереди обновлений: { $count }.
found-updates-blocked =
    Установлен вебхук, поэтому опрашивать Telegram нельзя; в очереди обновлений: { $count }.
    Остановите программу, которой принадлежит вебхук. При запуске бот удалит вебхук; обновления из очереди не пропадут.
found-updates-not-set =
    Вебхук не установлен; в очереди обновлений: { $count }.
    Запустите бота: он установит вебхук сам. Если бот уже запущен, посмотрите его журнал.
found-updates-foreign =
    Установлен чужой вебхук; в очереди обновлений: { $count }.
    Остановите программу, которой принадлежит вебхук. При запуске бот установит свой; обновления из очереди не пропадут.
found-updates-unsynchronized =
    Сбой на стороне самого Telegram; в очереди обновлений: { $count }.
    Подождите: Telegram хранит обновления 24 часа.
found-updates-behind =
    Вебхук установлен, но в Telegram накопилось слишком много обновлений: { $count }.
    Проверьте ещё раз через минуту. Если число растёт, посмотрите /readyz и увеличьте WEBHOOK_MAX_CONNECTIONS.
found-updates-pushed = Вебхук установлен; в очереди обновлений: { $count }.
found-push-unreachable =
    { $age } назад Telegram не смог подключиться к WEBHOOK_URL; в очереди обновлений: { $count }.
    Проверьте, что прокси запущен, что брандмауэр пропускает его порт и что имя указывает на этот сервер.
found-push-name =
    { $age } назад Telegram не нашёл адреса для имени из WEBHOOK_URL; в очереди обновлений: { $count }.
    Проверьте имя и его запись в DNS.
found-push-certificate =
    { $age } назад Telegram не принял сертификат WEBHOOK_URL; в очереди обновлений: { $count }.
    Обновите его и проверьте, что прокси отдаёт всю цепочку; если сертификат самоподписанный, укажите его в WEBHOOK_CERTIFICATE.
found-push-timeout =
    { $age } назад Telegram не дождался ответа; в очереди обновлений: { $count }.
    Проверьте, что прокси может подключиться к боту по адресу WEBAPP_HOST и порту WEBAPP_PORT.
found-push-unauthorized =
    { $age } назад Telegram получил ответ 401; в очереди обновлений: { $count }.
    Настройте прокси так, чтобы он передавал заголовок X-Telegram-Bot-Api-Secret-Token; если этот токен использует ещё одна программа, остановите её.
found-push-forbidden =
    { $age } назад Telegram получил ответ 403: прокси не пропустил его адрес; в очереди обновлений: { $count }.
    Откройте WEBHOOK_PATH для сетей 149.154.160.0/20 и 91.108.4.0/22. За CDN, в Docker без root и со своим сервером Bot API запросы приходят с других адресов: укажите их в CADDY_ALLOW_FROM или в директивах allow в nginx.
found-push-path =
    { $age } назад Telegram получил ответ 404; в очереди обновлений: { $count }.
    Настройте прокси так, чтобы он передавал WEBHOOK_PATH без изменений. Если прокси отвечает 404 незнакомым адресам, пропустите сети 149.154.160.0/20 и 91.108.4.0/22.
found-push-absent =
    { $age } назад прокси ответил Telegram, что бот не работает; в очереди обновлений: { $count }.
    Запустите бота; сверьте WEBAPP_HOST и WEBAPP_PORT с настройками прокси.
found-push-busy =
    { $age } назад бот попросил Telegram повторить позже: он останавливался или не мог принять обновления; в очереди обновлений: { $count }.
    Посмотрите /readyz и журнал бота.
found-push-answered =
    { $age } назад Telegram получил ответ { $code }; в очереди обновлений: { $count }.
    Посмотрите журнал прокси.
found-push-other =
    { $age } назад Telegram не смог передать обновления; в очереди обновлений: { $count }.
    Посмотрите журнал прокси.
found-all-kinds = Запрашиваются обновления всех нужных видов.
found-kinds-lacking =
    Программа, которая опрашивала Telegram последней, не запросила обновления этих видов: { $kinds }.
    Если бот ещё не запускался, ничего делать не нужно: он их запросит. Иначе остановите другую программу, которая использует этот токен.
found-group-well = Группа операторов найдена, темы включены.
found-group-public =
    Группа операторов публичная: кто угодно может прочитать, что пишут пользователи.
    Откройте группу, нажмите на её название, «Изменить», «Тип группы» и выберите «Частная».
found-group-protected =
    В группе операторов запрещено копирование: Telegram не даёт копировать оттуда сообщения, и ни один ответ не доходит до пользователя.
    Откройте группу, нажмите на её название, «Изменить», «Тип группы» и выключите «Запретить копирование».
found-group-without-topics =
    В группе операторов не включены темы.
    Откройте группу, нажмите на её название, «Изменить», «Темы» и включите их. Если группа была обычной, её ID изменится: новый найдёт support-bot setup.
found-no-group =
    BOT_GROUP_ID указывает не на группу: тип чата — { $kind }.
    Остановите бота и запустите support-bot setup: он найдёт ID группы.
found-group-moved =
    У группы операторов новый ID: { $chat }.
    Впишите его в BOT_GROUP_ID.
found-group-unseen =
    Бот не видит группу { $chat }: { $why }.
    Добавьте бота в группу операторов. Если ID неверный, верный найдёт support-bot setup.
found-rights-well = У бота есть все нужные права и нет лишних.
found-no-administrator =
    Бот не администратор группы.
    Откройте группу, нажмите на её название, «Изменить», «Администраторы», добавьте бота; оставьте «Управление темами», «Удаление сообщений» и «Закрепление сообщений», остальное выключите.
found-no-topics =
    Боту нельзя создавать темы.
    Откройте группу, нажмите на её название, «Изменить», «Администраторы», выберите бота и включите «Управление темами».
found-rights-lacking =
    Боту не хватает прав: { $rights }.
    Откройте группу, нажмите на её название, «Изменить», «Администраторы», выберите бота и включите их.
found-rights-needless =
    У бота есть права, которые ему не нужны: { $rights }.
    Откройте группу, нажмите на её название, «Изменить», «Администраторы», выберите бота и выключите их.
found-operators-seen = Бот видит сообщения операторов.
found-only-commands =
    Бот видит в группе только команды.
    Сделайте бота администратором группы; или откройте @BotFather, /setprivacy, выберите бота, Disable, и добавьте бота в группу ещё раз.
found-owner-reached = Бот может писать владельцу.
found-owner-unreached =
    Бот не может писать владельцу.
    Откройте бота с аккаунта владельца и нажмите «Старт»; сверьте BOT_DEV_ID с тем ID, который покажет @userinfobot.
found-limit-used = Лимит Telegram на группу использован на { $percent } % за последние { $age }.
found-limit-full =
    Лимит Telegram на группу исчерпан: за последние { $age } использовано { $percent } %. Сообщения приходят в группу с опозданием.
    Заблокируйте тех, кто засыпает бота сообщениями; если людей много каждый день, заведите второго бота со своей группой.
found-unchecked =
    Не удалось проверить: { $check } ({ $why }).
    Повторите через минуту.
found-store-well = Хранилище доступно для записи.
found-store-fails =
    Хранилище недоступно для записи: { $why }.
    Посмотрите журнал бота и проверьте диск или Redis, где лежит хранилище.
found-store-silent =
    Хранилище не отвечает.
    Проверьте диск или Redis, где лежит хранилище.
check-connection = связь с Telegram
check-token = токен
check-bot = настройки бота
check-clock = часы
check-webhook = вебхук
check-allowed-updates = виды обновлений
check-group = группа операторов
check-rights = права в группе
check-privacy = видит ли бот сообщения операторов
check-owner = может ли бот писать владельцу
check-store = хранилище
right-delete-messages = «Удаление сообщений»
right-pin-messages = «Закрепление сообщений»
right-add-admins = «Добавление администраторов»
right-ban-users = «Блокировка пользователей»
right-change-info = «Изменение профиля группы»
right-invite-users = «Пригласительные ссылки»
right-manage-video-chats = «Управление видеочатами»
right-post-stories = «Публикация историй»
right-edit-stories = «Изменение историй»
right-delete-stories = «Удаление историй»
right-remain-anonymous = «Анонимность»

## To those who look after the desk: a newsletter that they write, and one that is on its way

news-empty =
    <b>{ -sign } Новая рассылка</b>

    Пришлите или перешлите сюда то, что получат все: одно сообщение любого вида или альбом. Ничего не отправится, пока вы не посмотрите и не подтвердите.
news-draft = <b>{ -sign } Рассылка ещё не начата</b>
news-message = Содержание: сообщение выше
news-album = Содержание: альбом выше, вложений: { $count }
news-forward = Содержание: сообщение выше, пересланное с указанием источника
news-forwards = Содержание: сообщения выше ({ $count }), пересланные с указанием источника
news-links = Кнопок под сообщением: { $count }
news-for-all = Кому: всем
news-for-language = Только тем, чей язык: { $language }
news-for-answer = Только тем, кто на вопрос «{ $question }» ответил «{ $answer }»
news-for-active = { $count ->
    [one] Только тем, кто обращался к боту за последний { $count } день
    [few] Только тем, кто обращался к боту за последние { $count } дня
   *[many] Только тем, кто обращался к боту за последние { $count } дней
}
news-counting = Получатели подсчитываются…
news-recipients = Получателей: { $count }
news-takes = Займёт примерно { $age }, если боту больше почти нечего отправлять.
news-starts-now = Начало: сразу после подтверждения
news-starts-at = Начало: { $moment }
news-price = { $count ->
    [one] Платно, не больше { $count } звезды
    [few] Платно, не больше { $count } звёзд
   *[many] Платно, не больше { $count } звёзд
}
news-ask-content = Чтобы заменить сообщение, пришлите другое.
news-ask-links =
    Теперь пришлите кнопки, каждую с новой строки, не больше 20:

    <code>Наш магазин - https://example.org</code>
news-ask-time =
    Теперь пришлите время начала по вашему часовому поясу ({ $zone }): <code>18:30</code>, <code>24.12 18:30</code> или <code>2026-12-24 18:30</code>. Если пояс другой, добавьте сдвиг от UTC: <code>18:30 +5</code>.
news-ask-start = { $count ->
    [one] <b>Рассылку получит { $count } человек. Начинаем?</b>
    [few] <b>Рассылку получат { $count } человека. Начинаем?</b>
   *[many] <b>Рассылку получат { $count } человек. Начинаем?</b>
}
news-head = <b>{ -sign } Рассылка от { $moment }</b>
news-planned = Начнётся { $moment }
news-running = Отправляется
news-paused = На паузе
news-refused = ⚠ На паузе: Telegram пока не принял рассылку ни для одного получателя. Возможно, она платная, а звёзд не хватает, или в ней есть то, что ботам отправлять нельзя.
news-vanished = ⚠ Остановлена: исходное сообщение удалено. У тех, кто его получил, оно останется; для остальных создайте новую рассылку.
news-stopping = Останавливается…
news-cancelled = Остановлена: получили не все
news-over = Завершена { $moment }
news-undoing = Удаляется у получателей…
news-undone = Удалена у получателей
news-bar = { $bar } { $percent } %
news-sent = Отправлено: { $sent } из { $of }
news-blocked = Заблокировали бота или удалили аккаунт: { $count }
news-failed = Не удалось отправить: { $count }
news-skipped = Пропущены, потому что заблокированы или недоступны: { $count }
news-recalled = Удалено: { $count }
news-kept = Удалить не удалось: { $count }
news-pace = Скорость: { $count } в секунду, осталось { $age }
news-ask-undo = <b>Удалить рассылку у всех, кто её получил?</b>
news-report = Отправлено: { $sent }, не получили: { $missed }. В файле — результат по каждому получателю; первыми идут те, кто рассылку не получил.
newsletter-links-wrong = Это не похоже на кнопки. Пришлите каждую с новой строки, название и адрес: <code>Наш магазин - https://example.org</code>
newsletter-time-wrong = Нужно время в пределах ближайших 90 дней. Пришлите, например, <code>18:30</code> или <code>24.12 18:30</code>, можно со сдвигом от UTC: <code>18:30 +3</code>
newsletter-discarded = Черновик удалён. Начать новую рассылку — /newsletter.
newsletter-unsendable = Telegram не разрешает ботам пересылать это сообщение, или оно уже удалено. Пришлите что-нибудь другое.

## Answers to presses of buttons: plain, at most 200 characters

trying-again = Отправляю ещё раз…
button-expired = Эта кнопка больше не работает.
flood-shown = Всё, что ждало, сейчас придёт сюда.
newsletter-no-links = Под альбомами и пересланными сообщениями Telegram кнопок не показывает.
newsletter-counting = Получатели ещё подсчитываются, попробуйте чуть позже.
newsletter-nobody = Рассылку никто не получит.
newsletter-too-many = Слишком много рассылок сразу. Сначала остановите одну из них.
newsletter-too-late = Telegram не разрешает ботам удалять сообщения старше 48 часов.

## Buttons: plain, at most 64 characters

retry-button = Повторить
flood-show-button = Показать
flood-drop-button = Отбросить
flood-ban-button = Заблокировать
language-english = English
language-russian = Русский
knob-preview = Предпросмотр
knob-links = Добавить кнопки
knob-language = Язык
knob-answer = Ответ на вопрос
knob-active = Активность
knob-time = Время начала
knob-paid = Ускорить за звёзды
knob-start = Начать…
knob-confirm = Да, начать
knob-back = Назад
knob-discard = Удалить черновик
knob-pause = Пауза
knob-go-on = Продолжить
knob-cancel = Остановить
knob-undo = Удалить у получателей…
knob-undo-confirm = Да, удалить у всех
knob-leave = Оставить

## Telegram's menu of commands: plain, at most 256 characters

command-user-start = Начать диалог
command-user-help = Справка
command-user-language = Сменить язык
command-administrator-status = Показать состояние бота
command-administrator-newsletter = Написать всем пользователям
command-owner-doctor = Проверить всё, от чего зависит бот
command-staff-ban = Заблокировать пользователя или снять блокировку
command-staff-silent = Включить или выключить тихий режим
command-staff-information = Показать карточку пользователя
command-staff-delete = Ответом на сообщение: удалить его у пользователя
command-staff-close = Закрыть диалог
command-staff-reopen = Снова открыть диалог
command-staff-help = Справка
command-staff-id = Показать ID этой группы и темы
