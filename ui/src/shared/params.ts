/** The address with another value of a key, or without it. */
export function setParam(params: URLSearchParams, key: string, value: string | string[] | undefined): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete(key);
  if (Array.isArray(value)) value.forEach((each) => next.append(key, each));
  else if (value) next.set(key, value);
  return next;
}
