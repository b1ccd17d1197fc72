// The search box. It is built only when `npx pagefind` has written an index; the
// file that stands in its place until then says `absent`.

const STEP = 10;
const place = document.getElementById("search");
// A site that is built in parts has an index for each, the newest first; Pagefind merges them.
const parts = place.dataset.parts ? place.dataset.parts.split(" ") : [];

/** An element with properties and children; text is never read as HTML. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'", "#39": "'", "#x27": "'" };
const plain = (text) => text.replace(/&(#?\w+);/g, (all, name) => ENTITIES[name] ?? all);

const bare = (text) => text.replace(/[\s\u200b]/g, "");

/**
 * The excerpt without what it has of the headline: the indexed text begins with
 * that, and the link above shows it. Pagefind's excerpt is escaped text with
 * <mark>; only those become elements.
 */
function excerpt({ excerpt: html, content, meta }) {
  const parts = html.split(/<mark>(.*?)<\/mark>/s).map(plain);
  const [title, text] = [bare(meta.title), bare(content)];
  const start = text.indexOf(bare(parts.join("")));
  let left = start >= 0 && text.startsWith(title) ? title.length - start : 0;
  let between = left > 0; // the full stop that Pagefind puts after a headline
  return parts.map((part, index) => {
    let at = 0;
    for (; left > 0 && at < part.length; at += 1) if (bare(part[at])) left -= 1;
    let rest = part.slice(at);
    if (between && left <= 0) {
      rest = rest.replace(/^[\s\u200b.]+/, "");
      between = rest === "";
    }
    return index % 2 && rest ? element("mark", { textContent: rest }) : rest;
  });
}

function result(found) {
  // A story's marks are a filter, since Pagefind searches its other data.
  const marks = (found.filters.marks ?? []).flatMap((said) => said.split(" "));
  return element(
    "li",
    {},
    element("a", { href: found.url, textContent: found.meta.title }),
    ...marks.flatMap((mark) => [" ", element("b", { textContent: mark })]),
    element("time", { textContent: found.meta.date ?? "" }),
    element("p", {}, ...excerpt(found)),
  );
}

/**
 * What has the query as it stands, then what comes near it; null when a later
 * query was typed meanwhile. Pagefind cuts Chinese into words and asks for their
 * beginnings, which finds much and ranks it loosely; its phrase search, in
 * quotation marks, is exact but blind to words that it cut elsewhere.
 */
async function find(pagefind, query, options, wait) {
  const all = await pagefind.debouncedSearch(query, options, wait);
  if (all === null) return null;
  const phrase = quoted(query);
  if (!phrase) return { exact: all.results, near: [] };
  const exact = (await pagefind.search(phrase, options)).results;
  const ids = new Set(exact.map((one) => one.id));
  return { exact, near: all.results.filter((one) => !ids.has(one.id)) };
}

/** The query as a phrase; null where it is one already, or one character. */
const quoted = (query) => ([...query].length < 2 || /[\s"]/.test(query) ? null : `"${query}"`);

/**
 * The same results, the newest first. Pagefind sorts within an index and merges by rank, so the
 * parts are asked one after the other, as far as somebody reads.
 */
async function* newestFirst(pagefind, query, options) {
  const given = new Set();
  for (const asked of [quoted(query), query].filter(Boolean)) {
    for (const part of parts) {
      const { results } = await pagefind.search(asked, { ...options, filters: { part } });
      for (const one of results) {
        const key = `${part} ${one.id}`;
        if (!given.has(key)) yield one;
        given.add(key);
      }
    }
  }
}

function summary(query, exact, near) {
  if (exact) return `找到 ${exact} 篇` + (near ? `，其后是 ${near} 篇相近的` : "");
  return near ? `找到 ${near} 篇相近的` : `没有找到“${query}”`;
}

function start(pagefind) {
  const input = element("input", { type: "search", id: "q", name: "q", autocomplete: "off", enterKeyHint: "search" });
  const newest = element("input", { type: "checkbox", id: "newest" });
  const status = element("p", { className: "status", role: "status" });
  const list = element("ol", { className: "results" });
  const more = element("button", { type: "button", textContent: "更多结果", hidden: true });
  const form = element(
    "form",
    { role: "search" },
    element("label", { htmlFor: "q", textContent: "全文检索" }),
    input,
    element("label", { className: "order", htmlFor: "newest" }, newest, " 最新的在前"),
  );
  place.append(form, status, list, more);

  let results = [].values();
  let total = 0;
  let shown = 0;

  async function showMore() {
    const asked = results;
    const part = [];
    for (let next; part.length < STEP && !(next = await asked.next()).done; ) part.push(next.value);
    const loaded = await Promise.all(part.map((one) => one.data()));
    if (asked !== results) return;
    list.append(...loaded.map(result));
    shown += part.length;
    more.hidden = shown >= total;
  }

  let latest = 0;

  async function run(wait) {
    const turn = ++latest;
    const query = input.value.trim();
    const address = new URL(location.href);
    if (query) address.searchParams.set("q", query);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    const options = newest.checked ? { sort: { date: "desc" } } : {};
    const found = query ? await find(pagefind, query, options, wait) : { exact: [], near: [] };
    if (found === null || turn !== latest) return; // a later query has taken its place
    total = found.exact.length + found.near.length;
    const byParts = query && newest.checked && parts.length > 1;
    results = byParts ? newestFirst(pagefind, query, options) : [...found.exact, ...found.near].values();
    shown = 0;
    list.replaceChildren();
    await showMore();
    if (turn === latest) status.textContent = query && summary(query, found.exact.length, found.near.length);
  }

  input.addEventListener("input", (event) => event.isComposing || run(250));
  input.addEventListener("compositionend", () => run(250));
  newest.addEventListener("change", () => run(0));
  more.addEventListener("click", showMore);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(0);
  });

  input.value = new URL(location.href).searchParams.get("q") ?? "";
  if (input.value) run(0);
}

const root = new URL("..", import.meta.url).pathname;
const folder = (part) => `${root}pagefind/${part ? `${part}/` : ""}`;
const settings = (part) => ({ baseUrl: root, excerptLength: 40, ...(part && { mergeFilter: { part } }) });

const pagefind = await import(`${folder(parts[0])}pagefind.js`);
if (!pagefind.absent) {
  await pagefind.options(settings(parts[0]));
  await Promise.all(parts.slice(1).map((part) => pagefind.mergeIndex(folder(part), settings(part))));
  start(pagefind);
}
