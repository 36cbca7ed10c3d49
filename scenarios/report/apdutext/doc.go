// Package apdutext says in words what a command APDU asks for and what its response
// says, for reports: name of the instruction, application identifiers, data groups,
// the meaning of the status word.
//
// It shows data only of instructions whose data is never a PIN, a code or a key; of all
// others it shows how many bytes there are. It must not know a run, and never fails:
// what it cannot read it calls unknown. It implements spec/REPORT.md §Commands.
package apdutext
