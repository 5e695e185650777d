/**
 * Whether one resourceVersion is later than another of the same resource. They are decimal numbers that grow: documented
 * as comparable since Kubernetes 1.35 (KEP-5504), and true of etcd's revisions in every release before.
 */
export function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
