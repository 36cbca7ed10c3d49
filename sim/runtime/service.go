package runtime

import (
	"fmt"

	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

// GlobalService is a service that the platform offers to applets (GP 2.3.1
// §8.1). Errors that are an iso7816.SW are thrown with it, others with 6985.
type GlobalService interface {
	// Request decides whether an applet gets the service's interface;
	// parameters are those of GlobalService.getServiceInterface.
	Request(client *Applet, parameters []byte) error
	// Authority is the interface.
	Authority() Authority
}

// Authority is what org.globalplatform.Authority does for an applet. What an
// applet has begun is its own and lasts until reset. Errors are as those of
// GlobalService.
type Authority interface {
	// Init begins an operation: AuthoritySign or AuthorityKeyRecovery.
	Init(client *Applet, mode byte) error
	// Update takes the next part of its input.
	Update(client *Applet, data []byte) error
	// Sign appends the signature of the input with data at its end.
	Sign(client *Applet, dst, data []byte) ([]byte, error)
	// RecoverKey appends the key in the input with data at its end.
	RecoverKey(client *Applet, dst, data []byte) ([]byte, error)
}

// Modes of Authority.Init.
const (
	AuthoritySign        = 1
	AuthorityKeyRecovery = 2
)

const (
	nameService   = "inkan/platform/GlobalService"
	nameAuthority = "inkan/platform/Authority"
)

var (
	classService   = binding.Class(nameService)
	classAuthority = binding.Class(nameAuthority)
)

// bindService is the objects behind GlobalService and Authority, one of each
// for every provider and service that was asked for. The cells of both refer to
// the provider's AID object, null if none was named, and hold the service name.
// Spec: SPEC-RUNTIME-140, SPEC-RUNTIME-141.
func bindService(t *binding.Table) {
	t.State(nameService, 1, 1)
	t.Hidden(nameService, "", "org/globalplatform/GlobalService")
	t.Bind(nameService+".getServiceInterface(Lorg/globalplatform/GPRegistryEntry;S[BSS)Ljavacard/framework/Shareable;", getServiceInterface)
	t.State(nameAuthority, 1, 1)
	t.Hidden(nameAuthority, "", "org/globalplatform/Authority")
	t.BindAll(nameAuthority, map[string]binding.Native{
		"init(B)V": func(c *vm.Call) {
			a, client := authorityOf(c)
			refuse(c, a.Init(client, byte(c.Byte(0))))
		},
		"update([BSS)V": func(c *vm.Call) {
			a, client := authorityOf(c)
			refuse(c, a.Update(client, bytesOf(c, c.Ref(0), c.Short(1), c.Short(2))))
		},
		"sign([BSS[BS)S":       func(c *vm.Call) { finish(c, Authority.Sign) },
		"recoverKey([BSS[BS)S": func(c *vm.Call) { finish(c, Authority.RecoverKey) },
	})
}

// getService finds a global service for the calling applet; null: there is none.
func getService(c *vm.Call) {
	card, m, client := cardOf(c), c.Machine(), self(c)
	var provider []byte
	if ref := c.Ref(0); ref != vm.Null {
		if m.Owner(ref) != vm.JCRE {
			m.CheckAccess(c.Context(), ref)
		}
		provider = aidOf(m, ref)
	}
	name := uint16(c.Short(1))
	if card.platform.Service(client, provider, name) != nil {
		c.ReturnRef(card.serviceObject(classService, provider, name))
	}
}

// serviceObject is the object of a class for a provider and a service.
func (c *Card) serviceObject(class *vm.APIClass, provider []byte, name uint16) vm.Ref {
	return c.object(fmt.Sprintf("%s %04X %X", class.Name[len("inkan/platform/"):], name, provider), class, func(ref vm.Ref) {
		c.machine.SetDataCell(ref, class, 0, name)
		if provider != nil {
			c.machine.SetRefCell(ref, class, 0, newAID(c.machine, vm.JCRE, provider))
		}
	})
}

// serviceOf is the service of an object, who asks, and the object's key; 6985
// when the platform does not offer it any more.
func serviceOf(c *vm.Call, class *vm.APIClass) (s GlobalService, client *Applet, provider []byte, name uint16) {
	card, m := cardOf(c), c.Machine()
	client = card.owner(callerOf(c))
	name = m.DataCell(c.This(), class, 0)
	if ref := m.RefCell(c.This(), class, 0); ref != vm.Null {
		provider = aidOf(m, ref)
	}
	if client != nil {
		s = card.platform.Service(client, provider, name)
	}
	if s == nil {
		c.Throw(classISO, swConditions)
	}
	return s, client, provider, name
}

// getServiceInterface hands the authority out to an applet that names itself,
// by its registry entry or by null, and the service that it asked for.
func getServiceInterface(c *vm.Call) {
	s, client, provider, name := serviceOf(c, classService)
	m := c.Machine()
	if entry := c.Ref(0); entry != vm.Null && (!m.ClassOf(entry).Is(m.Class(classRegistryEntry)) ||
		m.RefCell(entry, classRegistryEntry, 0) != client.aid) || uint16(c.Short(1)) != name {
		c.Throw(classISO, swConditions)
	}
	var parameters []byte
	if c.Ref(2) != vm.Null {
		parameters = bytesOf(c, c.Ref(2), c.Short(3), c.Short(4))
	}
	refuse(c, s.Request(client, parameters))
	c.ReturnRef(cardOf(c).serviceObject(classAuthority, provider, name))
}

func authorityOf(c *vm.Call) (Authority, *Applet) {
	s, client, _, _ := serviceOf(c, classAuthority)
	return s.Authority(), client
}

// finish ends an operation: its output goes to the caller's array.
func finish(c *vm.Call, operation func(a Authority, client *Applet, dst, data []byte) ([]byte, error)) {
	a, client := authorityOf(c)
	data := bytesOf(c, c.Ref(0), c.Short(1), c.Short(2))
	c.Machine().CheckRange(callerOf(c), c.Ref(3), c.Short(4), 0) // before it is done
	out, err := operation(a, client, nil, data)
	refuse(c, err)
	store(c, c.Ref(3), c.Short(4), out)
	c.ReturnShort(int16(len(out)))
}

// refuse throws an error as an ISOException.
func refuse(c *vm.Call, err error) {
	if err != nil {
		c.Throw(classISO, int16(statusOr(err, swConditions)))
	}
}
