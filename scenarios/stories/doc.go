// Package stories is what people do with the system, from the application to the end,
// and what is refused: each story is played by a world and makes sure itself that it
// ended as spec/USECASES.md says, at the authority, on the card, on the screen and in
// the audit trails.
//
// It must not reach into a party: it does what people do, and looks at what is left.
// It implements spec/USECASES.md.
package stories
