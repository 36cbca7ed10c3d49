package runtime

import (
	"sync"

	"inkan/sim/runtime/binding"
	"inkan/sim/runtime/security"
	"inkan/sim/vm"
)

// Versions are the API packages in ROM beside those of crypto: Java Card 3.0.5
// Classic and GlobalPlatform 1.6. Spec: SPEC-RUNTIME-001.
var Versions = []binding.Version{
	{Name: "java/lang", Major: 1, Minor: 0},
	{Name: "java/io", Major: 1, Minor: 0},
	{Name: "java/rmi", Major: 1, Minor: 0},
	{Name: "javacard/framework", Major: 1, Minor: 6},
	{Name: "javacardx/apdu", Major: 1, Minor: 0},
	{Name: "javacardx/apdu/util", Major: 1, Minor: 0},
	{Name: "javacardx/framework/math", Major: 1, Minor: 0},
	{Name: "javacardx/framework/tlv", Major: 1, Minor: 0},
	{Name: "javacardx/framework/util", Major: 1, Minor: 1},
	{Name: "javacardx/framework/util/intx", Major: 1, Minor: 0},
	{Name: "org/globalplatform", Major: 1, Minor: 6},
}

// API is the packages in ROM, the same value for all cards.
var API = sync.OnceValue(func() []*vm.APIPackage {
	t := binding.NewTable()
	for _, bind := range binders {
		bind(t)
	}
	security.Bind(t)
	return t.Packages(append(append([]binding.Version(nil), Versions...), security.Versions...))
})

var binders = []func(*binding.Table){
	bindLang, bindExceptions, bindApplet, bindAID, bindAPDU, bindClassByte, bindSystem, bindTransient, bindUtil,
	bindPIN, bindSensitive, bindArrayLogic, bindInteger, bindGlobalPlatform, bindSecureChannel, bindRegistryEntry, bindCVM,
	bindService,
}

// Classes that natives throw or make.
var (
	classObject      = binding.Class("java/lang/Object")
	classNull        = binding.Class("java/lang/NullPointerException")
	classBounds      = binding.Class("java/lang/ArrayIndexOutOfBoundsException")
	classSecurity    = binding.Class("java/lang/SecurityException")
	classApplet      = binding.Class("javacard/framework/Applet")
	classAppletEvent = binding.Class("javacard/framework/AppletEvent")
	classMulti       = binding.Class("javacard/framework/MultiSelectable")
	classExtended    = binding.Class("javacardx/apdu/ExtendedLength")
	classAID         = binding.Class("javacard/framework/AID")
	classAPDU        = binding.Class("javacard/framework/APDU")
	classISO         = binding.Class("javacard/framework/ISOException")
	classAPDUFault   = binding.Class("javacard/framework/APDUException")
	classSystem      = binding.Class("javacard/framework/SystemException")
	classPINFault    = binding.Class("javacard/framework/PINException")
	classTransaction = binding.Class("javacard/framework/TransactionException")
	classCardRuntime = binding.Class("javacard/framework/CardRuntimeException")
	classCardFault   = binding.Class("javacard/framework/CardException")
	classUtilFault   = binding.Class("javacardx/framework/util/UtilException")
)

// Reasons of SystemException.
const (
	illegalValue     = 1
	noTransientSpace = 2
	illegalAID       = 4
	noResource       = 5
	illegalUse       = 6
)

// cardOf is the card that a native runs on.
func cardOf(c *vm.Call) *Card { return binding.Of(c).Card.(*Card) }
