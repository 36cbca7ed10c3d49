// Package os is the GlobalPlatform card operating system of a UICC: the registry,
// security domains with their keys and secure channels, card content management
// in the clear of a secure channel and over the air, delegated management,
// the controlling authority's domain.
//
// It must not know any particular applet, carrier or profile: Config says what a
// card is made of. It is a runtime.Platform. It implements spec/UICC-OS.md.
package os
