// Package javadiff compares the card with an ordinary Java virtual machine:
// generated programs in Java Card's subset of the language are compiled once by
// javac, run on the host's JVM with small behavioural API classes, converted,
// verified, and run on a bare card of the model. Both have to answer the same.
//
// It has tests only. It must not know how the converter or the card's virtual
// machine work inside. It checks what spec/CAPC.md and spec/JCVM.md require.
package javadiff
