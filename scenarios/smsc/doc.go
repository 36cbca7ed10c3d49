// Package smsc is a short message service centre for a laboratory, over HTTP: a
// service manager that runs as a server gives it messages for SIMs, and phones that
// run somewhere else fetch them and bring back reports.
//
// It must not know what a message says, nor who may have it: it has no
// authentication and belongs on the loopback interface. It implements
// spec/SERVE.md, section "Short messages".
package smsc
