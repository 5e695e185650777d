import { join } from 'node:path';
import type { Pki } from './pki.ts';

/** etcd's socket for clients. A socket in a folder of mode 0700 needs no port and no other user can reach it. */
export function etcdSocket(folder: string): string {
  return join(folder, 'etcd.sock');
}

export function etcdArgs(folder: string): string[] {
  const client = `unix://${etcdSocket(folder)}`;
  const peer = `unix://${join(folder, 'peer.sock')}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // The data is thrown away when the machine goes down; it does survive a kill of etcd.
    '--unsafe-no-fsync',
  ];
}

export function apiServerArgs(folder: string, pki: Pki, port: number): string[] {
  return [
    `--etcd-servers=unix://${etcdSocket(folder)}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    // Else it looks for an address on the machine's network, which may have none.
    '--advertise-address=127.0.0.1',
    // There are no Pods that would need the Service `kubernetes`, and its endpoint must not be a loopback address.
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(folder, 'pki')}`,
    `--tls-cert-file=${pki.serverCertFile}`,
    `--tls-private-key-file=${pki.serverKeyFile}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki.serviceAccountPublicKeyFile}`,
    `--service-account-signing-key-file=${pki.serviceAccountPrivateKeyFile}`,
    `--token-auth-file=${pki.tokenFile}`,
    '--authorization-mode=Node,RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ];
}

export function controllerManagerArgs(kubeconfig: string, pki: Pki): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    // Nobody asks it anything, so it needs no port.
    '--secure-port=0',
    '--leader-elect=false',
    '--use-service-account-credentials=false',
    `--service-account-private-key-file=${pki.serviceAccountPrivateKeyFile}`,
    // Without it the ConfigMap kube-root-ca.crt is empty, and Pods cannot verify the API server.
    `--root-ca-file=${pki.caFile}`,
    // Its default of 20 requests a second is what a test with hundreds of namespaces would measure.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--profiling=false',
  ];
}
