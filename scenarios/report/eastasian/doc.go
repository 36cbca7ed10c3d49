// Package eastasian measures, cuts and breaks text by the columns that it takes where
// characters have one width: wide East Asian characters take two.
//
// It must not know what a text says. It implements spec/REPORT.md §Text.
package eastasian
