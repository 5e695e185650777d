/**
 * Whether one resourceVersion is later than another of the same resource. They are decimal numbers that grow. Kubernetes
 * documents them as comparable since 1.35 (KEP-5504); before that they were etcd's revisions, which are.
 */
export function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
