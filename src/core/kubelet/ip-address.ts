/**
 * Tells whether Go's `netip.ParseAddr` reads the text as an IPv6 address. Nothing else may stand in the brackets of a
 * URL's host. A zone (`%` and at least one character) and a trailing dotted IPv4 part are allowed; an IPv4 address alone
 * is not.
 */
export function isIpv6Address(text: string): boolean {
  const zoneAt = text.indexOf('%');
  if (zoneAt === text.length - 1) return false;
  const address = zoneAt < 0 ? text : text.slice(0, zoneAt);
  // The first of "." and ":" decides between the two kinds of address.
  const colon = address.indexOf(':');
  const dot = address.indexOf('.');
  if (colon < 0 || (dot >= 0 && dot < colon)) return false;

  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half, index) => countGroups(half, index === halves.length - 1));
  const total = groups.reduce((sum, count) => sum + count, 0);
  // "::" stands for at least one group of zeros.
  return halves.length === 2 ? total <= 7 : total === 8;
}

/** Sixteen-bit groups in a run without "::"; NaN, which fails every comparison, when a group is no group. */
function countGroups(run: string, mayEndInIpv4: boolean): number {
  if (run === '') return 0;
  const parts = run.split(':');
  let count = 0;
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      if (!isIpv4Address(part)) return Number.NaN;
      count += 2;
    } else if (isHexGroup(part)) {
      count += 1;
    } else {
      return Number.NaN;
    }
  }
  return count;
}

function isHexGroup(part: string): boolean {
  return /^[0-9a-fA-F]{1,4}$/.test(part);
}

/** Four decimal octets up to 255, no leading zeros. */
function isIpv4Address(text: string): boolean {
  const octets = text.split('.');
  return octets.length === 4 && octets.every((octet) => /^(0|[1-9][0-9]{0,2})$/.test(octet) && Number(octet) <= 255);
}
