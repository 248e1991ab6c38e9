// What a term means, beside the term: on hover, on focus, and at the first touch. Escape takes it away.
(() => {
  /** @type {{ link: Element, tip: HTMLElement } | null} */
  let shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let touched = false;

  const hide = () => {
    clearTimeout(timer);
    if (shown) shown.tip.hidden = true;
    shown = null;
  };
  const place = () => {
    if (!shown) return;
    const at = shown.link.getClientRects()[0];
    const box = shown.tip.getBoundingClientRect();
    const gap = 6;
    const below = at.bottom + gap + box.height < innerHeight;
    shown.tip.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - box.width - 8))}px`;
    shown.tip.style.top = `${below ? at.bottom + gap : Math.max(8, at.top - gap - box.height)}px`;
  };
  const show = (/** @type {Element} */ link) => {
    clearTimeout(timer);
    if (shown?.link === link) return;
    hide();
    const tip = document.getElementById(link.getAttribute("aria-describedby") ?? "");
    if (!tip) return;
    tip.hidden = false;
    shown = { link, tip };
    place();
  };
  const soon = (/** @type {() => void} */ what, /** @type {number} */ wait) => {
    clearTimeout(timer);
    timer = setTimeout(what, wait);
  };
  /**
   * The nearest element around what an event is about that a selector finds.
   * @param {Event} event
   * @param {string} selector
   */
  const around = ({ target }, selector) => (target instanceof Element ? target.closest(selector) : null);
  const term = (/** @type {Event} */ event) => around(event, "a.term");

  // With a mouse: the way from the term to its box leaves time, and the box stays while the pointer is on it.
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const link = term(event);
    if (link) soon(() => show(link), shown?.link === link ? 0 : 120);
    else if (shown && around(event, ".term-tips")) clearTimeout(timer);
    else if (shown && document.activeElement !== shown.link) soon(hide, 200);
    else if (!shown) clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    const link = term(event);
    if (link?.matches(":focus-visible")) show(link);
    else if (!link) hide();
  });
  document.addEventListener("focusout", (event) => {
    if (term(event) === shown?.link) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });

  // By finger: the first touch shows the meaning, the second follows the link; one on the box or elsewhere takes it
  // away.
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
  });
  document.addEventListener("click", (event) => {
    const link = term(event);
    if (link && touched && shown?.link !== link) {
      event.preventDefault();
      show(link);
    } else if (!link && (touched || !around(event, ".term-tips"))) hide();
  });
  addEventListener("scroll", place, { passive: true, capture: true });
  addEventListener("resize", place);
})();
