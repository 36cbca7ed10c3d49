package perso

import (
	"bytes"
	"errors"
	"fmt"

	"inkan/core/jpki"
)

// fault is the class of failure of one item by itself: "tag" or "length", or
// "value" for an end of validity of another form; "" when there is none.
func (i *Item) fault() string {
	_, tag := i.Tag.role()
	n := len(i.Value)
	ok := false
	switch tag {
	case ItemCertificate:
		ok = n >= 1 && n <= jpki.MaxCertificateBytes
	case ItemValidity:
		if n == jpki.ValidityLen && !jpki.IsValidity(i.Value) {
			return "value"
		}
		ok = n == jpki.ValidityLen
	case ItemCode:
		ok = n == jpki.CodeLen
	case ItemP, ItemQ, ItemDP, ItemDQ, ItemQInv:
		ok = n == PrimeLen
	case ItemChallenge:
		if i.Tag != ItemChallenge {
			return "tag"
		}
		ok = n == ChallengeLen
	default:
		return "tag"
	}
	if !ok {
		return "length"
	}
	return ""
}

// CheckItems refuses what the card would refuse as content of an envelope of
// this order: a tag or length outside the table, repetition, a role that is not
// the order's, key parts of an on-card order or not all five, a reset that does
// not begin with the challenge or has no code or anything else.
func CheckItems(order *Order, challenge *[ChallengeLen]byte, items []Item) error {
	var seen [0x20]bool
	parts := [4]int{}
	for n := range items {
		i := &items[n]
		role, tag := i.Tag.role()
		if f := i.fault(); f != "" {
			return itemError(i, f)
		}
		if seen[i.Tag] {
			return itemError(i, "repetition")
		}
		seen[i.Tag] = true
		if tag != ItemChallenge && !order.Roles.Has(role) {
			return itemError(i, "role")
		}
		if tag >= ItemP && tag <= ItemQInv {
			parts[role]++
		}
	}
	if len(items) == 0 {
		return errors.New("perso: content without items")
	}
	if order.Purpose == jpki.PurposePINReset {
		return checkReset(challenge, items)
	}
	for _, n := range parts {
		if n != 0 && (n != 5 || order.Origin != jpki.OriginDelivered) {
			return errors.New("perso: content: key parts of an on-card order, or not all five")
		}
	}
	if seen[ItemChallenge] {
		return errors.New("perso: content: a challenge in an issue")
	}
	return nil
}

func checkReset(challenge *[ChallengeLen]byte, items []Item) error {
	if items[0].Tag != ItemChallenge || !bytes.Equal(items[0].Value, challenge[:]) || len(items) < 2 {
		return errors.New("perso: content of a reset: the order's challenge first, then codes")
	}
	for n := range items[1:] {
		if _, tag := items[n+1].Tag.role(); tag != ItemCode {
			return itemError(&items[n+1], "tag")
		}
	}
	return nil
}

func itemError(i *Item, fault string) error {
	return fmt.Errorf("perso: content: %v: %s", *i, fault)
}
