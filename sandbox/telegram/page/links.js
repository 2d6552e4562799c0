// Telegram's own links: one that starts this bot, and the page that shares it with somebody.
import { ask } from "./dialogs.js";
import { fullName } from "./dom.js";
import { t } from "./texts.js";

const HOSTS = ["t.me", "telegram.me"];

// The start parameter of a link to the bot, also of one that is being shared; null for any other address.
export function payloadOf(address, username) {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (!HOSTS.includes(url.host)) return null;
  if (url.pathname === "/share/url") return payloadOf(url.searchParams.get("url") ?? "", username);
  return url.pathname.toLowerCase() === `/${username.toLowerCase()}` ? url.searchParams.get("start") ?? "" : null;
}

// What somebody typed: a whole link or the parameter alone.
export const payloadTyped = (typed, username) => payloadOf(typed.trim(), username) ?? typed.trim();

// Ask who follows the link: the id of a person, or null.
export async function whoFollows(people, first) {
  const options = people.map((person) => [String(person.id), fullName(person)]);
  const values = await ask(t("whoFollows"), [{ name: "person", label: t("person"), options, value: String(first) }], t("open"));
  return values && Number(values.person);
}
