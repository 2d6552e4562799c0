// The page's own words. What people and the bot write is never translated.
export const TEXTS = {
  en: {
    people: "People", addPerson: "Add a person", add: "Add", cancel: "Cancel", name: "Name", language: "Language",
    phone: "Phone", chooseChat: "Choose somebody on the left to see their chat with the bot",
    noMessages: "No messages yet. Press Start below to open the bot.", message: "Message", send: "Send", start: "Start", restart: "Unblock and restart",
    attach: "Attach", keyboard: "Keyboard", menu: "Menu", back: "Back", close: "Close chat", beside: "Open beside",
    more: "More", block: "Stop and block the bot", unblock: "Unblock the bot", blocked: "The bot is blocked",
    deepLink: "Open by a link…", payload: "The link, or its start parameter", whoFollows: "Who follows the link?", person: "Person", open: "Open", file: "File", photo: "Photo", voice: "Voice message",
    contact: "Contact", ownContact: "My phone number", location: "Location", sticker: "Sticker", forward: "Forwarded message",
    author: "Written by", text: "Text", shareAsk: "Share your phone number with the bot?", share: "Share",
    typing: "typing", edited: "edited", forwardedFrom: "Forwarded from", via: "via", pinned: "pinned a message",
    whatCanItDo: "What can this bot do?", bytes: ["B", "KB", "MB"],
    edit: "Edit", remove: "Delete", reply: "Reply", ok: "OK", copy: "Copy", copied: "Copied", offline: "Connection lost, trying again…",
    topicCreated: "New topic", left: "left the group", other: "русский",
    upload_document: "sending a file", upload_photo: "sending a photo", record_voice: "recording voice",
  },
  ru: {
    people: "Люди", addPerson: "Добавить человека", add: "Добавить", cancel: "Отмена", name: "Имя", language: "Язык",
    phone: "Телефон", chooseChat: "Выберите слева человека, чтобы увидеть его чат с ботом",
    noMessages: "Сообщений пока нет. Чтобы открыть бота, нажмите «Начать».", message: "Сообщение", send: "Отправить", start: "Начать", restart: "Разблокировать и начать заново",
    attach: "Прикрепить", keyboard: "Клавиатура", menu: "Меню", back: "Назад", close: "Закрыть чат", beside: "Открыть рядом",
    more: "Ещё", block: "Остановить и заблокировать бота", unblock: "Разблокировать бота", blocked: "Бот заблокирован",
    deepLink: "Открыть по ссылке…", payload: "Ссылка или её параметр start", whoFollows: "Кто перейдёт по ссылке?", person: "Человек", open: "Перейти", file: "Файл", photo: "Фото", voice: "Голосовое сообщение",
    contact: "Контакт", ownContact: "Мой номер телефона", location: "Геопозиция", sticker: "Стикер", forward: "Пересланное сообщение",
    author: "Кто написал", text: "Текст", shareAsk: "Отправить боту свой номер телефона?", share: "Отправить",
    typing: "печатает", edited: "изменено", forwardedFrom: "Переслано от", via: "через", pinned: "закрепил(а) сообщение",
    whatCanItDo: "Что умеет этот бот?", bytes: ["Б", "КБ", "МБ"],
    edit: "Изменить", remove: "Удалить", reply: "Ответить", ok: "ОК", copy: "Скопировать", copied: "Скопировано", offline: "Связь потеряна, пробую снова…",
    topicCreated: "Новая тема", left: "вышел(а) из группы", other: "English",
    upload_document: "отправляет файл", upload_photo: "отправляет фото", record_voice: "записывает голосовое",
  },
};

let language = localStorage.getItem("language") || (navigator.language.startsWith("ru") ? "ru" : "en");

export const current = () => language;
export const t = (key) => TEXTS[language][key] ?? key;

export function toggleLanguage() {
  language = language === "ru" ? "en" : "ru";
  localStorage.setItem("language", language);
}
