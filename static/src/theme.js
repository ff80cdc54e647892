// Light, dark, or as the system. The choice is a cookie, because the server prints it into the page: a script that
// came after the first paint would make the page flash.

const root = document.documentElement;
const year = 365 * 24 * 3600;

/** Makes the theme switch work. */
export function startTheme() {
  document.addEventListener("change", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) return;
    const theme = event.target.value;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.cookie = `waylight_theme=${theme}; path=/; max-age=${theme ? year : 0}; samesite=strict`;
  });
}
