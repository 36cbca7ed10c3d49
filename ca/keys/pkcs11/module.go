package pkcs11

import (
	"errors"
	"fmt"
	"unsafe"
)

// ErrPlatform says that modules cannot be loaded here: it works on Linux with
// 64 bits.
var ErrPlatform = errors.New("pkcs11: modules can be loaded on Linux on amd64 and arm64 only")

// Error is a call of the module that failed.
type Error struct {
	Function string // "C_Login"
	Code     Code
}

// Error has the form "pkcs11: C_Login: CKR_PIN_INCORRECT".
func (e *Error) Error() string {
	name, ok := codeNames[e.Code]
	if !ok {
		name = fmt.Sprintf("CK_RV %08X", uint64(e.Code))
	}
	return "pkcs11: " + e.Function + ": " + name
}

// check makes an error of a return value.
func check(function string, rv ulong) error {
	if rv == ckrOK {
		return nil
	}
	return &Error{function, Code(rv)}
}

// functions are the module's, by the names of the standard.
type functions struct {
	initialize        func(*ckCInitializeArgs) ulong
	finalize          func(unsafe.Pointer) ulong
	getSlotList       func(present byte, slots *ulong, count *ulong) ulong
	getTokenInfo      func(slot ulong, info *ckTokenInfo) ulong
	openSession       func(slot, flags ulong, application, notify unsafe.Pointer, session *ulong) ulong
	closeSession      func(session ulong) ulong
	login             func(session, user ulong, pin *byte, length ulong) ulong
	findObjectsInit   func(session ulong, template *ckAttribute, count ulong) ulong
	findObjects       func(session ulong, objects *ulong, limit ulong, count *ulong) ulong
	findObjectsFinal  func(session ulong) ulong
	getAttributeValue func(session, object ulong, template *ckAttribute, count ulong) ulong
	signInit          func(session ulong, mechanism *ckMechanism, key ulong) ulong
	sign              func(session ulong, data *byte, length ulong, signature *byte, signatureLength *ulong) ulong
	deriveKey         func(session ulong, mechanism *ckMechanism, key ulong, template *ckAttribute, count ulong, derived *ulong) ulong
	destroyObject     func(session, object ulong) ulong
}

// table pairs the functions with their names.
func (f *functions) table() map[string]any {
	return map[string]any{
		"C_Initialize": &f.initialize, "C_Finalize": &f.finalize, "C_GetSlotList": &f.getSlotList, "C_GetTokenInfo": &f.getTokenInfo,
		"C_OpenSession": &f.openSession, "C_CloseSession": &f.closeSession, "C_Login": &f.login,
		"C_FindObjectsInit": &f.findObjectsInit, "C_FindObjects": &f.findObjects, "C_FindObjectsFinal": &f.findObjectsFinal,
		"C_GetAttributeValue": &f.getAttributeValue, "C_SignInit": &f.signInit, "C_Sign": &f.sign, "C_DeriveKey": &f.deriveKey,
		"C_DestroyObject": &f.destroyObject,
	}
}

// Module is a loaded Cryptoki library. Its tokens may be used concurrently.
type Module struct {
	f      functions
	unload func() error
	owner  bool // C_Initialize was ours
}

// Load loads a library, such as Debian's libsofthsm2.so, and initialises it for
// use by several threads. The library stays until Close.
func Load(path string) (*Module, error) {
	m := new(Module)
	var err error
	if m.unload, err = load(path, m.f.table()); err != nil {
		return nil, err
	}
	err = check("C_Initialize", m.f.initialize(&ckCInitializeArgs{flags: ckfOSLockingOK}))
	m.owner = err == nil
	if failed := (*Error)(nil); errors.As(err, &failed) && failed.Code == ckrCryptokiAlreadyInitialized {
		err = nil
	}
	if err != nil {
		return nil, errors.Join(err, m.unload())
	}
	return m, nil
}

// Close ends the use of the library. Tokens are closed first.
func (m *Module) Close() error {
	var err error
	if m.owner {
		err = check("C_Finalize", m.f.finalize(nil))
	}
	return errors.Join(err, m.unload())
}

// slot finds the token with a label, which must be the only one.
func (m *Module) slot(label string) (ulong, error) {
	slots := make([]ulong, 256)
	count := ulong(len(slots))
	if err := check("C_GetSlotList", m.f.getSlotList(1, &slots[0], &count)); err != nil {
		return 0, err
	}
	var found []ulong
	for _, slot := range slots[:count] {
		info := new(ckTokenInfo)
		if err := check("C_GetTokenInfo", m.f.getTokenInfo(slot, info)); err != nil {
			return 0, err
		}
		if trim(info.label[:]) == label {
			found = append(found, slot)
		}
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("pkcs11: %d tokens have the label %q, want one", len(found), label)
	}
	return found[0], nil
}
