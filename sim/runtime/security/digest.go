package security

import (
	"crypto"
	"strings"

	"inkan/core/jcapi"
	"inkan/sim/engine"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

const (
	digestName      = "javacard/security/MessageDigest"
	initializedName = "javacard/security/InitializedMessageDigest"
)

var (
	classDigest = binding.Class(digestName)

	// digests are the hash functions by ALG_ constant of MessageDigest.
	digests = map[int8]crypto.Hash{}
)

func init() {
	byName := map[string]crypto.Hash{
		"SHA": crypto.SHA1, "MD5": crypto.MD5, "RIPEMD160": crypto.RIPEMD160, "SHA_224": crypto.SHA224,
		"SHA_256": crypto.SHA256, "SHA_384": crypto.SHA384, "SHA_512": crypto.SHA512, "SHA3_224": crypto.SHA3_224,
		"SHA3_256": crypto.SHA3_256, "SHA3_384": crypto.SHA3_384, "SHA3_512": crypto.SHA3_512,
	}
	for _, k := range jcapi.ClassByName(digestName).Constants {
		if name, ok := strings.CutPrefix(k.Name, "ALG_"); ok && byName[name] != 0 {
			digests[int8(k.Value)] = byName[name]
		}
	}
}

// Cells of a digest: the algorithm, and whether a OneShot was closed.
const (
	digestAlg  = 0
	digestOpen = 1 // 0: ordinary; 1: OneShot, open; 2: closed
)

func bindDigest(t *binding.Table) {
	t.State(digestName, 0, 2)
	t.Bind(digestName+".<init>()V", func(*vm.Call) {})
	t.Bind(initializedName+".<init>()V", func(*vm.Call) {})
	t.Hidden("inkan/platform/MessageDigest", digestName)
	t.Hidden("inkan/platform/InitializedMessageDigest", initializedName)
	t.Bind(digestName+".getInstance(BZ)Ljavacard/security/MessageDigest;", func(c *vm.Call) {
		c.ReturnRef(newDigest(c, "inkan/platform/MessageDigest", c.Byte(0), 0))
	})
	t.Bind(digestName+".getInitializedMessageDigestInstance(BZ)Ljavacard/security/InitializedMessageDigest;", func(c *vm.Call) {
		if !resumable(digests[c.Byte(0)]) {
			fail(c, noSuchAlgorithm)
		}
		c.ReturnRef(newDigest(c, "inkan/platform/InitializedMessageDigest", c.Byte(0), 0))
	})
	t.Bind(digestName+"$OneShot.open(B)Ljavacard/security/MessageDigest$OneShot;", func(c *vm.Call) {
		c.ReturnRef(newDigest(c, digestName+"$OneShot", c.Byte(0), 1))
	})
	t.Bind(initializedName+"$OneShot.open(B)Ljavacard/security/InitializedMessageDigest$OneShot;", func(c *vm.Call) {
		if !resumable(digests[c.Byte(0)]) {
			fail(c, noSuchAlgorithm)
		}
		c.ReturnRef(newDigest(c, initializedName+"$OneShot", c.Byte(0), 1))
	})
	for _, class := range []string{"inkan/platform/MessageDigest", "inkan/platform/InitializedMessageDigest",
		digestName + "$OneShot", initializedName + "$OneShot"} {
		bindDigestMethods(t, class)
	}
	for _, class := range []string{digestName + "$OneShot", initializedName + "$OneShot"} {
		t.Bind(class+".close()V", func(c *vm.Call) { closeOneShot(c, classDigest, digestOpen) })
	}
	for _, class := range []string{"inkan/platform/InitializedMessageDigest", initializedName + "$OneShot"} {
		t.Bind(class+".setInitialDigest([BSS[BSS)V", func(c *vm.Call) {
			d := digestOf(c)
			state := input(c, c.Ref(0), c.Short(1), c.Short(2))
			resume(c, d, state, input(c, c.Ref(3), c.Short(4), c.Short(5)))
		})
	}
}

func bindDigestMethods(t *binding.Table, class string) {
	t.BindAll(class, map[string]binding.Native{
		"getAlgorithm()B": func(c *vm.Call) { c.ReturnByte(int8(c.Machine().DataCell(c.This(), classDigest, digestAlg))) },
		"getLength()B":    func(c *vm.Call) { c.ReturnByte(int8(digestOf(c).Algorithm().Size())) },
		"reset()V":        func(c *vm.Call) { digestOf(c).Reset() },
		"update([BSS)V": func(c *vm.Call) {
			refuseOneShot(c, classDigest, digestOpen)
			digestOf(c).Write(input(c, c.Ref(0), c.Short(1), c.Short(2)))
		},
		"doFinal([BSS[BS)S": func(c *vm.Call) {
			d := digestOf(c)
			in := input(c, c.Ref(0), c.Short(1), c.Short(2))
			checkOutput(c, c.Ref(3), c.Short(4), d.Algorithm().Size())
			d.Write(in)
			output(c, c.Ref(3), c.Short(4), d.Sum(nil))
			d.Reset()
			c.ReturnShort(int16(d.Algorithm().Size()))
		},
	})
}

func newDigest(c *vm.Call, class string, alg int8, open uint16) vm.Ref {
	if _, ok := digests[alg]; !ok {
		fail(c, noSuchAlgorithm)
	}
	m := c.Machine()
	ref := m.NewInstance(c.Context(), binding.Class(class))
	m.SetDataCell(ref, classDigest, digestAlg, uint16(alg))
	if open != 0 {
		m.SetDataCell(ref, classDigest, digestOpen, open)
	}
	return ref
}

// digestOf is the running hash of this object; a reset has begun a new one.
func digestOf(c *vm.Call) *engine.Digest {
	m, this := c.Machine(), c.This()
	refuseClosed(c, classDigest, digestOpen)
	if d, ok := m.HostValue(this).(*engine.Digest); ok {
		return d
	}
	d := engines(c).NewDigest(digests[int8(m.DataCell(this, classDigest, digestAlg))])
	m.SetHostValue(this, d)
	return d
}

// resumable: the chaining value is all there is, so that a hash can go on from
// one.
func resumable(alg crypto.Hash) bool {
	switch alg {
	case crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512:
		return true
	}
	return false
}

// resume goes on from a chaining value after so many bytes of message.
func resume(c *vm.Call, d *engine.Digest, state, length []byte) {
	if len(length) == 0 || len(length) > 8 {
		fail(c, illegalValue)
	}
	var n uint64
	for _, b := range length {
		n = n<<8 | uint64(b)
	}
	if d.Resume(state, n) != nil {
		fail(c, illegalValue)
	}
}

// OneShot objects are for one call of doFinal or sign: update is ILLEGAL_USE,
// and so is everything after close.
func refuseOneShot(c *vm.Call, class *vm.APIClass, cell int) {
	if c.Machine().DataCell(c.This(), class, cell) != 0 {
		fail(c, illegalUse)
	}
}

func refuseClosed(c *vm.Call, class *vm.APIClass, cell int) {
	if c.Machine().DataCell(c.This(), class, cell) == 2 {
		fail(c, illegalUse)
	}
}

func closeOneShot(c *vm.Call, class *vm.APIClass, cell int) {
	refuseClosed(c, class, cell)
	c.Machine().SetDataCell(c.This(), class, cell, 2)
	c.Machine().SetHostValue(c.This(), nil)
}
