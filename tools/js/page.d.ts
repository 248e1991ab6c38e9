// What the pages' scripts share without importing it.

/** Sphinx's own options (documentation_options.js). */
declare const DOCUMENTATION_OPTIONS: { SHOW_SEARCH_SUMMARY: boolean };

interface Window {
  /** Saves a notebook where a link cannot: called by scripts of _ext/downloads.py. */
  saveNotebook?: (name: string, text: string) => void;
}
