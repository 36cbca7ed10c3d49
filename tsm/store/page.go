package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"inkan/server/store"
)

// Cursor is where a listing goes on. The zero value is the beginning, and as the
// result of Page the end. It stays good while rows come and go. As text it may be
// given to whoever lists; it shows keys and gives no access.
type Cursor struct {
	code byte
	rest string
}

// ErrCursor is a cursor that is none, or of another listing.
var ErrCursor = errors.New("store: not a cursor of this listing")

// String is the cursor in hex; empty for the zero value.
func (c Cursor) String() string {
	if c.code == 0 {
		return ""
	}
	return strings.ToUpper(hex.EncodeToString(append([]byte{c.code}, c.rest...)))
}

// maxCursor is the longest key that a cursor has, in bytes.
const maxCursor = 1024

// ParseCursor reads String's text; else ErrCursor.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	if len(s) > 2*maxCursor {
		return Cursor{}, fmt.Errorf("%w: %d characters, want at most %d", ErrCursor, len(s), 2*maxCursor)
	}
	b, err := hex.DecodeString(s)
	if err != nil || b[0] == 0 || strings.ToUpper(s) != s {
		return Cursor{}, fmt.Errorf("%w: want upper-case hex", ErrCursor)
	}
	return Cursor{b[0], string(b[1:])}, nil
}

// page walks over at most limit keys behind a cursor, within a table or index of
// that code. walk has to give the keys from a lower bound on.
func page(code byte, prefix []byte, after Cursor, limit int, walk func(from []byte, do func(rest []byte) error) error) (next Cursor, err error) {
	if limit < 1 {
		return Cursor{}, fmt.Errorf("store: page of %d rows, want at least 1", limit)
	}
	from := prefix
	if after != (Cursor{}) {
		if after.code != code || !strings.HasPrefix(after.rest, string(prefix)) {
			return Cursor{}, ErrCursor
		}
		from = append([]byte(after.rest), 0)
	}
	n := 0
	err = walk(from, func(rest []byte) error {
		if n++; n == limit {
			next = Cursor{code, string(rest)}
			return ErrStop
		}
		return nil
	})
	if errors.Is(err, ErrStop) {
		return next, nil
	}
	return Cursor{}, err
}

// Page is Scan of at most limit rows behind a cursor. An empty page, or a zero
// next, is the end. Spec: SPEC-STORE-015.
func (t *Rows[K, V]) Page(r Reader, after Cursor, limit int, do func(*V) error) (next Cursor, err error) {
	return page(t.code, nil, after, limit, func(from []byte, count func([]byte) error) error {
		return t.scan(r, from, nil, func(rest []byte, v *V) error {
			if err := do(v); err != nil {
				return err
			}
			return count(rest)
		})
	})
}

// Page is Scan of at most limit rows behind a cursor. An empty page, or a zero
// next, is the end.
func (x *Index[S, K, V]) Page(r Reader, by S, after Cursor, limit int, do func(*V) error) (next Cursor, err error) {
	prefix := x.append(nil, by)
	return page(x.entries.code, prefix, after, limit, func(from []byte, count func([]byte) error) error {
		return x.scan(r, from, store.After(prefix), func(rest []byte, v *V) error {
			if err := do(v); err != nil {
				return err
			}
			return count(rest)
		})
	})
}
