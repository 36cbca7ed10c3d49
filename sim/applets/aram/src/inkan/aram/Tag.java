package inkan.aram;

/** Tags of the data objects: spec/ARAM.md, "Data objects". */
final class Tag {
	static final byte AID_REF = (byte) 0x4F;
	static final byte DEFAULT_REF = (byte) 0xC0;
	static final byte APP_REF = (byte) 0xC1;
	static final byte PACKAGE_REF = (byte) 0xCA;
	static final byte APDU_AR = (byte) 0xD0;
	static final byte NFC_AR = (byte) 0xD1;
	static final byte PERMISSIONS_AR = (byte) 0xDB;
	static final byte REF = (byte) 0xE1;
	static final byte REF_AR = (byte) 0xE2;
	static final byte AR = (byte) 0xE3;
	static final byte DEVICE_CONFIG = (byte) 0xE4;
	static final byte CONFIG = (byte) 0xE5;
	static final byte INTERFACE_VERSION = (byte) 0xE6;
	static final byte BLOCK = (byte) 0xE7;
	static final byte STORE = (byte) 0xF0;
	static final byte DELETE = (byte) 0xF1;
	static final byte UPDATE_REFRESH_TAG = (byte) 0xF2;
	static final byte FIRST_UNSUPPORTED = (byte) 0xF3;
	static final byte LAST_UNSUPPORTED = (byte) 0xF8;

	private Tag() {
	}
}
