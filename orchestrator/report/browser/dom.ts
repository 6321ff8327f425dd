export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}

/** A labelled choice by index. */
export function select(
  label: string,
  options: readonly string[],
  choose: (index: number) => void,
): HTMLLabelElement {
  const made = element('label', '', label);
  const list = element('select', '');
  for (const option of options) list.append(element('option', '', option));
  list.addEventListener('change', () => choose(list.selectedIndex));
  made.append(list);
  return made;
}

/** The value of a custom property of the page: colours follow its light or dark scheme. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
