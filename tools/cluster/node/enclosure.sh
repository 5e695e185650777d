#!/bin/sh
# The first process of a cluster's namespaces: enclosure.sh NODE_ADDRESS COMMAND... Prepares them and runs the command.
# When it ends, or is killed, the kernel ends every process of the PID namespace, containers and their shims among them,
# and with the last one go all mounts, interfaces and packet filter rules.
set -e
PATH=/usr/sbin:/sbin:$PATH
address=$1
shift

# Where the programs of a node keep files under names that cannot be told otherwise; the machine's own stay as they are.
for folder in /run /var/log /var/lib; do mount -t tmpfs -o mode=0755 tmpfs "$folder"; done

# The kubelet sets these for the whole machine where they are not what it wants; here it finds what it wants.
tunables=/run/tunables
mkdir "$tunables"
while read -r file value; do
  name=$(echo "$file" | tr / -)
  echo "$value" >"$tunables/$name"
  mount --bind "$tunables/$name" "/proc/sys/$file"
done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END

# A node's address must not be a loopback one, and kube-apiserver wants a default route. Nothing leads out of here: a
# veth pair is there where a kernel has no dummy device.
ip link set lo up
ip link add eth0 type veth peer name eth0-peer
ip link set eth0-peer up
ip addr add "$address/24" dev eth0
ip link set eth0 up
ip route add default dev eth0

# Not exec: the first process collects those that lost their parent, which a shell does and Node does not.
"$@"
exit $?
