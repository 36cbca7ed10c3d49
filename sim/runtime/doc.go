// Package runtime is the Java Card runtime environment of one card: it
// dispatches APDUs to applets, installs and deletes them, ends transactions and
// selections when the standard says so, and gives the API's methods their
// bodies. The card's edge is Card: an apdu.Terminal.
//
// It must not know keys, security domains, the GlobalPlatform registry's rules
// or any applet: what stands around an applet is the Platform that the card is
// made with. It implements spec/RUNTIME.md (Java Card 3.0.5 Classic: Runtime
// Environment and API).
package runtime
