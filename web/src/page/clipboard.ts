// Copies text where there is a clipboard API, and where there is none (plain http) through a selection.

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no API here, or not allowed
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'copy-area';
  document.body.append(area);
  const focused = document.activeElement;
  area.select();
  let isCopied = false;
  try {
    // The old way is deprecated and still the only one without a secure context.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    isCopied = document.execCommand('copy');
  } catch {
    // stays false
  }
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
