/** The clipboard is for secure pages only; in an office without https the old way still works. False: neither did. */
export async function copyText(value: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch {
      // the browser said no; the old way asks nobody
    }
  }
  const area = document.createElement("textarea");
  area.value = value;
  area.className = "sw-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
