// The chat works without this. With it, answers come without a new page, and leaving is faster.
(() => {
  "use strict";

  // Leaving: blank the screen first, then go, so that "back" does not come here.
  const exits = document.querySelectorAll("[data-exit]");
  const leave = (event) => {
    if (event) event.preventDefault();
    document.body.replaceChildren();
    document.title = "";
    location.replace(exits[0].href);
  };
  exits.forEach((link) => link.addEventListener("click", leave));
  let shifts = 0;
  let forget;
  addEventListener("keyup", (event) => {
    clearTimeout(forget);
    shifts = event.key === "Shift" ? shifts + 1 : 0;
    if (shifts >= 3) leave();
    forget = setTimeout(() => { shifts = 0; }, 5000);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  const log = document.getElementById("log");
  if (!log) return;
  const say = document.getElementById("say");
  const box = document.getElementById("text");
  const note = document.getElementById("note");
  const here = document.getElementById("here");
  const gently = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  let last = Number(log.dataset.last);
  let known = last > 0;
  let busy = false;

  const newKey = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

  const tell = (words, bad) => {
    note.textContent = words;
    note.classList.toggle("bad", Boolean(bad));
  };

  const add = (answer) => {
    const made = document.createElement("template");
    made.innerHTML = answer.html;
    const fresh = [...made.content.children].filter(
      (turn) => !log.querySelector(`[data-id="${turn.dataset.id}"]`));
    for (const id of answer.hide || []) {
      log.querySelector(`[data-id="${Number(id)}"]`)?.remove();
    }
    if (fresh.length) {
      document.getElementById("latest")?.removeAttribute("id");
      log.append(...fresh);
      fresh.at(-1).id = "latest";
      fresh[0].scrollIntoView({ block: "start", behavior: gently ? "smooth" : "auto" });
    }
    last = Math.max(last, answer.last || 0);
  };

  const send = async (fields, form) => {
    if (busy) return false;
    busy = true;
    log.setAttribute("aria-busy", "true");
    tell(note.dataset.sending);
    try {
      const got = await fetch(say.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(fields),
      });
      const answer = await got.json();
      if (!got.ok) {
        tell(answer.error, true);
        return false;
      }
      add(answer);
      tell("");
      // A new key only after an answer: trying again after a lost one must not act twice.
      const key = form.querySelector("[name=key]");
      if (key) key.value = newKey();
      known = true;
      soon();
      return true;
    } catch {
      tell(note.dataset.failed, true);
      return false;
    } finally {
      busy = false;
      log.removeAttribute("aria-busy");
    }
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-chat]")) return;
    event.preventDefault();
    const fields = new FormData(form);
    const pressed = event.submitter;
    if (pressed && pressed.name) fields.append(pressed.name, pressed.value);
    if (form === say && !box.value.trim()) {
      box.focus();
      return;
    }
    const typed = box.value;
    if ((await send(fields, form)) && form === say && box.value === typed) box.value = "";
    // The newest message was just brought into view: it stays there.
    if (form === say) box.focus({ preventScroll: true });
  });

  if ("geolocation" in navigator && isSecureContext) {
    here.hidden = false;
    here.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(
        (at) => {
          const fields = new FormData();
          fields.append("key", newKey());
          // Three digits are about a hundred metres: enough to say what is near.
          fields.append("lat", at.coords.latitude.toFixed(3));
          fields.append("lon", at.coords.longitude.toFixed(3));
          send(fields, say);
        },
        () => tell(note.dataset.nowhere, true),
        { timeout: 15000, maximumAge: 600000 });
    });
  }

  // New messages: every few seconds, slower while nothing comes, not at all while out of sight.
  const SHORTEST = 4000;
  const LONGEST = 60000;
  let pause = SHORTEST;
  let bell;
  const look = async () => {
    if (known && !busy && document.visibilityState === "visible") {
      try {
        const url = new URL(log.dataset.new, location.href);
        url.searchParams.set("after", last);
        const got = await fetch(url, { headers: { Accept: "application/json" } });
        if (got.ok) {
          const answer = await got.json();
          pause = answer.html ? SHORTEST : Math.min(pause * 1.5, LONGEST);
          add(answer);
        } else {
          pause = LONGEST;
        }
      } catch {
        pause = Math.min(pause * 2, LONGEST);
      }
    }
    ring();
  };
  const ring = () => {
    clearTimeout(bell);
    bell = setTimeout(look, pause);
  };
  const soon = () => {
    pause = SHORTEST;
    ring();
  };
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      pause = SHORTEST;
      look();
    }
  });
  ring();
  if (last) document.getElementById("latest")?.scrollIntoView({ block: "start" });
})();
