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
  // Under an open dialog the rest of the document is inert and its text cannot be selected: the event carries it then.
  const handleCopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', handleCopy, { capture: true });
  try {
    // The old way is deprecated and still the only one without a secure context.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    isCopied = document.execCommand('copy');
  } catch {
    // stays false
  }
  document.removeEventListener('copy', handleCopy, { capture: true });
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
