package tsmp

import "context"

// connection is the key of a context's value.
type connection struct{}

// Over says who is at the other end of the connection that a request comes over:
// names reports whether a party is. A Handler then takes no other party's requests,
// signed or not. Without it a request may come from anywhere, as in one process.
// Spec: SPEC-TSM-PROTOCOL-065.
func Over(ctx context.Context, names func(PartyID) bool) context.Context {
	return context.WithValue(ctx, connection{}, names)
}

// from reports whether a request of a party may have come the way it has.
func from(ctx context.Context, sender PartyID) bool {
	names, said := ctx.Value(connection{}).(func(PartyID) bool)
	return !said || names(sender)
}
