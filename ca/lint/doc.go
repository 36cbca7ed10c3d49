// Package lint judges certificates before they are signed: one requirement of
// the profile, one lint, on the bytes of the TBSCertificate and what was asked
// for.
//
// It must not know how a TBSCertificate is made, or any key: what the writer
// thinks it wrote does not count. It implements the requirements of
// spec/CERT-PROFILE.md that it names.
package lint
