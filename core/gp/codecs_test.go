package gp

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"

	"inkan/core/apdu"
)

// decodeCommand decodes any command of this package by its instruction.
func decodeCommand(c *apdu.Command) (Command, error) {
	switch c.INS {
	case InsSelect:
		return as(DecodeSelect(c))
	case InsInitializeUpdate:
		return as(DecodeInitializeUpdate(c))
	case InsExternalAuthenticate:
		return as(DecodeExternalAuthenticate(c))
	case InsManageChannel:
		return as(DecodeManageChannel(c))
	case InsBeginRMACSession:
		return as(DecodeBeginRMACSession(c))
	case InsEndRMACSession:
		return as(DecodeEndRMACSession(c))
	case InsGetResponse:
		return as(DecodeGetResponse(c))
	case InsGetStatus:
		return as(DecodeGetStatus(c))
	case InsSetStatus:
		return as(DecodeSetStatus(c))
	case InsInstall:
		return as(DecodeInstall(c))
	case InsLoad:
		return as(DecodeLoad(c))
	case InsDelete:
		return as(DecodeDelete(c))
	case InsPutKey:
		return as(DecodePutKey(c))
	case InsStoreData:
		return as(DecodeStoreData(c))
	}
	return as(DecodeGetData(c)) // refuses a foreign instruction
}

func as[T Command](cmd T, err error) (Command, error) { return cmd, err }

// responseCodec is a response or data object, in both directions.
type responseCodec struct {
	decode func([]byte) (any, error)
	encode func(any) ([]byte, error)
	open   bool // any length is well-formed
}

func codec[T any](decode func([]byte) (T, error), encode func(T) ([]byte, error)) responseCodec {
	return responseCodec{
		decode: func(b []byte) (any, error) { return decode(b) },
		encode: func(v any) ([]byte, error) { return encode(v.(T)) },
	}
}

var responseCodecs = map[string]responseCodec{
	"FCI": codec(DecodeFCI, func(v FCI) ([]byte, error) { return v.Append(nil), nil }),
	"INITIALIZE UPDATE response": codec(DecodeInitializeUpdateResponse,
		func(v InitializeUpdateResponse) ([]byte, error) { return v.Append(nil) }),
	"card data":   codec(DecodeCardData, func(v Recognition) ([]byte, error) { return v.AppendCardData(nil), nil }),
	"CPLC":        codec(DecodeCPLC, func(v CPLC) ([]byte, error) { return v.Append(nil), nil }),
	"capability":  codec(DecodeCapability, func(v Capability) ([]byte, error) { return v.Append(nil), nil }),
	"resources":   codec(DecodeResources, func(v Resources) ([]byte, error) { return v.Append(nil), nil }),
	"recognition": opened(codec(DecodeRecognition, func(v Recognition) ([]byte, error) { return v.Append(nil), nil })),
	"key information": codec(DecodeKeyInformation,
		func(v []KeyInformation) ([]byte, error) { return AppendKeyInformation(nil, v) }),
	"applications": opened(codec(DecodeApplications, func(v []AID) ([]byte, error) { return AppendApplications(nil, v), nil })),
	"MANAGE CHANNEL response": codec(DecodeManageChannelResponse,
		func(v ManageChannelResponse) ([]byte, error) { return v.Append(nil), nil }),
	"PUT KEY response": opened(codec(DecodePutKeyResponse, func(v PutKeyResponse) ([]byte, error) { return v.Append(nil), nil })),
	"counter": codec(func(b []byte) (uint32, error) { return DecodeCounter(b, TagSequenceCounter) },
		func(v uint32) ([]byte, error) { return AppendCounter(nil, TagSequenceCounter, v, 3), nil }),
}

func opened(c responseCodec) responseCodec {
	c.open = true
	return c
}

// flatten renders a decoded value for comparison with a vector's fields:
// "Channels.0.Protocol": "02". Bytes are hex, slices also have ".len" and
// ".nil".
func flatten(v any) map[string]string {
	out := map[string]string{}
	flattenInto(out, "", reflect.ValueOf(v))
	return out
}

func flattenInto(out map[string]string, path string, v reflect.Value) {
	at := func(name string) string { return strings.TrimPrefix(path+"."+name, ".") }
	switch x := v.Interface().(type) {
	case SecureChannel:
		out[at("i")] = fmt.Sprint(x.I())
	case CPLC:
	case fmt.Stringer:
		out[path] = x.String()
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				flattenInto(out, at(v.Type().Field(i).Name), v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			out[at("len")] = fmt.Sprint(v.Len())
			out[at("nil")] = fmt.Sprint(v.IsNil())
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			out[path] = strings.ToUpper(hex.EncodeToString(b))
			out[at("oid")] = OIDString(b)
			return
		}
		for i := range v.Len() {
			flattenInto(out, at(fmt.Sprint(i)), v.Index(i))
		}
	case reflect.Uint8:
		out[path] = fmt.Sprintf("%02X", v.Uint())
	case reflect.Uint16:
		out[path] = fmt.Sprintf("%04X", v.Uint())
	case reflect.Uint32:
		out[path] = fmt.Sprint(v.Uint())
		if strings.HasPrefix(path, "IC") || strings.HasSuffix(path, "Equipment") {
			out[path] = fmt.Sprintf("%08X", v.Uint())
		}
	default:
		out[path] = fmt.Sprint(v.Interface())
	}
}
