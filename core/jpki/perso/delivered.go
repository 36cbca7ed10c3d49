package perso

import (
	"crypto/rsa"
	"errors"
	"math/big"

	"inkan/core/jpki"
)

// KeyItems are the five parts of a delivered key of 2048 bits, which the caller
// wipes (WipeItems) when they are sealed. It fails for another size, number of
// primes or exponent.
func KeyItems(role jpki.Role, key *rsa.PrivateKey) ([]Item, error) {
	if key.N.BitLen() != 8*ModulusLen || len(key.Primes) != 2 || key.E != Exponent ||
		key.Primes[0].BitLen() != 8*PrimeLen || key.Primes[1].BitLen() != 8*PrimeLen {
		return nil, errors.New("perso: a delivered key has 2048 bits, two primes of 1024 and the exponent 65537")
	}
	p, q := key.Primes[0], key.Primes[1]
	one := big.NewInt(1)
	parts := []struct {
		tag   ItemTag
		value *big.Int
	}{
		{ItemP, p}, {ItemQ, q},
		{ItemDP, new(big.Int).Mod(key.D, new(big.Int).Sub(p, one))},
		{ItemDQ, new(big.Int).Mod(key.D, new(big.Int).Sub(q, one))},
		{ItemQInv, new(big.Int).ModInverse(q, p)},
	}
	items := make([]Item, len(parts))
	for i, part := range parts {
		items[i] = Item{part.tag.For(role), part.value.FillBytes(make([]byte, PrimeLen))}
	}
	return items, nil
}

// WipeItems overwrites the values of items with zeros.
func WipeItems(items []Item) {
	for i := range items {
		clear(items[i].Value)
	}
}
