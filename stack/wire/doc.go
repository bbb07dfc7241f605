// Package wire is a TCP link that can be broken in the ways that networks break, without
// any privilege: it stands between two real sockets of this machine.
//
// It promises:
//
//   - A link without a fault is a link: bytes arrive in order, all of them, half-closes and
//     resets are passed on, and nobody waits longer than a copy takes.
//   - The two directions are separate, and a change counts at once for connections that are
//     open and for those to come.
//   - A fault that is not a cut never cuts, reorders or loses a byte. What it held back
//     arrives when it is taken away, as TCP would have retransmitted it.
//   - What a fault does is what a peer's socket sees: Refuse is ECONNREFUSED, Reset is
//     ECONNRESET, a held direction is silence. A link of a Crossing, whose port others use
//     too, cannot refuse: Sever resets a connection as soon as it is made.
//   - Close ends everything that the link started and waits for it.
//
// One thing a link cannot do: the kernel answers a connect before anybody can hold it back,
// so a connection that is made while a direction is held succeeds and stays silent, where a
// real hole would let the connect itself hang.
package wire
