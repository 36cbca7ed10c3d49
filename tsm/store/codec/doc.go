// Package codec is how rows of a service manager's store become bytes and come
// back: each row describes its fields once, for both directions.
//
// An encoding is strict: one value has one encoding, and whatever differs from
// what Append would write is an error that says where. Service managers encode
// the data of their own steps with it too.
//
// It must not know any row, key or store. It implements the section Formats of
// spec/STORE.md.
package codec
