// Package terminal prints the record of a run for a person at a terminal, and shows
// progress while the run goes.
//
// It must not know how a run is recorded, nor look for a terminal by itself: width and
// colour are options. It implements spec/REPORT.md §Terminal.
package terminal
