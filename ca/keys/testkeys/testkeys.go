package testkeys

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/pem"
	"fmt"
	"path"
	"strings"
	"sync"

	"inkan/ca/keys"
)

//go:embed pem/*.pem
var files embed.FS

// HolderCount is how many keys of certificate holders there are.
const HolderCount = 12

// Store returns the authority's test keys: three generations of both
// authorities and two of everything else, in memory. The set is shared, and
// nothing is to be added. Spec: SPEC-CA-KEYS-020.
var Store = sync.OnceValue(func() *keys.Set {
	set := new(keys.Set)
	for _, label := range labels() {
		if name, err := keys.ParseName(label); err == nil {
			if err := set.Add(name, load(label)); err != nil {
				panic("testkeys: " + err.Error())
			}
		}
	}
	return set
})

// Signer returns one of the authority's test keys, and panics for one that
// there is not.
func Signer(role keys.Role, generation int) crypto.Signer {
	signer, err := Store().Signer(keys.Name{Role: role, Generation: generation})
	if err != nil {
		panic("testkeys: " + err.Error())
	}
	return signer
}

// Holder returns the test key pair of a card, phone or other party, by numbers
// from 1 to HolderCount; another number panics.
func Holder(number int) *rsa.PrivateKey {
	if number < 1 || number > HolderCount {
		panic(fmt.Sprintf("testkeys: holder keys are numbered 1 to %d, %d was asked for", HolderCount, number))
	}
	return load(fmt.Sprintf("holder-%02d", number)).(*rsa.PrivateKey)
}

// labels are the names of all keys, sorted.
func labels() []string {
	entries, err := files.ReadDir("pem")
	if err != nil {
		panic("testkeys: " + err.Error())
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".pem"))
	}
	return names
}

// load reads a key: an *rsa.PrivateKey or an *ecdsa.PrivateKey.
func load(label string) crypto.PrivateKey {
	text, err := files.ReadFile(path.Join("pem", label+".pem"))
	if err != nil {
		panic("testkeys: " + err.Error())
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic("testkeys: " + label + ": " + err.Error())
	}
	return key
}

// Source is a keys.Source that gives holder keys in order, for tests that
// deliver a key. It fails when all have been given.
type Source struct{ next int }

// NewSource returns a Source that begins with a holder key's number.
func NewSource(first int) *Source { return &Source{first} }

// Next implements keys.Source.
func (s *Source) Next() (*rsa.PrivateKey, error) {
	if s.next < 1 || s.next > HolderCount {
		return nil, fmt.Errorf("testkeys: all %d holder keys have been delivered", HolderCount)
	}
	s.next++
	return Holder(s.next - 1), nil
}
