// Package report is the record of one run of a story: who took part, what happened in
// which step, every message, short message and command between them, what the holder
// saw, what was issued, who was responsible (責任分界), and where the time went.
//
// A Recorder makes a Run while the parties act; a nil one costs nothing. Package
// terminal prints a Run for people, package page makes one HTML file of it, and its
// JSON is for programs.
//
// It must not decide anything in a party's place, and must not hold a PIN, a code, a
// ticket or a key: what could be one is left out when it is recorded. It implements
// spec/REPORT.md.
package report
