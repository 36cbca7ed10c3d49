// Package mno is the MNO-TSM: a carrier's or MVNO's trusted service manager. It
// knows subscriptions, SIMs, devices and domains; says whether a service can be
// put on a SIM; makes the provider's domain there and, by deployment model, does,
// permits or transports what goes into it; removes it; and tells the SP-TSMs what
// becomes of all that.
//
// Each incoming thing, a call, an answer, a short message, a relayed response, a
// time that has come, is one step of the store; only then something leaves. A
// process that ends anywhere goes on with New on the same store.
//
// It must not know applicants, certificates or what a provider's scripts say; keys
// stay in the HSM. It implements spec/MNO-TSM.md and the MNO-TSM's part of
// spec/TSM-PROTOCOL.md.
package mno
