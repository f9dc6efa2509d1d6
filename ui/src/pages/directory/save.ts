/** Gives a file to the browser to be saved. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // the download has begun with the click; the address may go
  window.setTimeout(() => URL.revokeObjectURL(url), 0);
}
