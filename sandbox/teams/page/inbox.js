"use strict";

(() => {
  const POLL_EVERY = 2000; // milliseconds
  const SVG = "http://www.w3.org/2000/svg";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const place = (id) => document.getElementById(id);
  const canRender = Boolean(globalThis.AdaptiveCards && globalThis.markdownit);
  let shown = []; // the JSON text of every post on the page, oldest first
  let mentions = []; // of the card that is being rendered

  function make(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text ?? "";
    return made;
  }

  function setUpMarkdown() {
    // Teams takes this much Markdown and no more: headings, tables, images and code stay as they were written.
    const markdown = globalThis.markdownit("zero", { html: false });
    markdown.enable(["emphasis", "link", "list", "escape", "entity", "newline"]);
    AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
      result.outputHtml = withMentions(markdown.render(text), markdown.utils.escapeHtml);
      result.didProcess = true;
    };
  }

  function withMentions(html, escape) {
    return mentions.reduce((marked, mention) => {
      const name = mention.text.replace(/^<at>|<\/at>$/g, "");
      return marked.replaceAll(escape(mention.text), `<span class="mention">${escape(name)}</span>`);
    }, html);
  }

  function follow(action) {
    if (action instanceof AdaptiveCards.OpenUrlAction) {
      window.open(action.url, "_blank", "noopener,noreferrer");
    }
  }

  function face(card) {
    const adaptive = new AdaptiveCards.AdaptiveCard();
    adaptive.hostConfig = new AdaptiveCards.HostConfig(teamsHostConfig(dark.matches));
    adaptive.onExecuteAction = follow;
    mentions = card.msteams?.entities ?? [];
    adaptive.parse(card);
    return adaptive.render();
  }

  function faceOrJson(card) {
    const asJson = () => make("pre", "", JSON.stringify(card, null, 2));
    if (!canRender) {
      return asJson();
    }
    try {
      return face(card) ?? asJson();
    } catch {
      return asJson();
    }
  }

  function cardElement(card) {
    const made = make("div", card.msteams?.width === "Full" ? "card full" : "card");
    made.append(faceOrJson(card));
    return made;
  }

  function avatar() {
    const drawn = document.createElementNS(SVG, "svg");
    drawn.setAttribute("class", "avatar");
    drawn.setAttribute("viewBox", "0 0 32 32");
    drawn.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", "M10 9h5v5h-5zM17 18h5v5h-5zM12.5 14v6.5H17");
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "1.8");
    path.setAttribute("stroke-linejoin", "round");
    drawn.append(path);
    return drawn;
  }

  function byline(at) {
    const time = make("time", "", new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" }));
    time.dateTime = at;
    const line = make("p", "byline");
    line.append(make("strong", "", "sso-sync via Workflows"), time);
    return line;
  }

  function postElement({ at, card }) {
    const content = make("div", "");
    content.append(byline(at), cardElement(card));
    const made = make("li", "post");
    made.append(avatar(), content);
    return made;
  }

  function show(posts) {
    const texts = posts.map((post) => JSON.stringify(post));
    if (!shown.every((text, number) => text === texts[number])) {
      place("posts").replaceChildren();
      shown = [];
    }
    for (const post of posts.slice(shown.length)) {
      place("posts").prepend(postElement(post));
    }
    shown = texts;
    place("empty").hidden = posts.length > 0;
    place("count").textContent = posts.length === 1 ? "1 card" : `${posts.length} cards`;
  }

  function notify(text) {
    place("notice").textContent = text;
    place("notice").hidden = !text;
  }

  async function refresh() {
    try {
      const answer = await fetch("/teams/cards", { cache: "no-store" });
      show(await answer.json());
      notify(canRender ? "" : "node_modules is missing, so cards are shown as JSON. “make setup” brings it.");
    } catch (error) {
      notify(`The sandbox does not answer: ${error.message}`);
    }
    setTimeout(refresh, POLL_EVERY);
  }

  if (canRender) {
    setUpMarkdown();
  }
  dark.addEventListener("change", () => {
    const posts = shown.map((text) => JSON.parse(text));
    shown = [];
    place("posts").replaceChildren();
    show(posts);
  });
  refresh();
})();
