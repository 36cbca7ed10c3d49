package inkan.hoard;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.SystemException;
import javacard.framework.Util;

/**
 * Takes and gives back memory by command: P1 is a slot, P2 a size in units of 16
 * bytes. A SystemException is answered 6200 and its reason.
 */
public final class Hoard extends Applet {
	private static final byte INS_ARRAY = 0x10;
	private static final byte INS_CLEAR_ON_RESET = 0x11;
	private static final byte INS_CLEAR_ON_DESELECT = 0x12;
	private static final byte INS_ABORTED = 0x13;
	private static final byte INS_COMMITTED = 0x14;
	private static final byte INS_DROP = 0x20;
	private static final byte INS_AVAILABLE = 0x30;
	private static final short SLOTS = 16;
	private static final short UNIT = 16;
	private static final short REFUSED = 0x6200;

	private final Object[] slots = new Object[SLOTS];

	private Hoard(byte units) {
		if (units != 0) {
			slots[0] = new byte[sizeOf(units)];
		}
	}

	/** Application data: empty, or how many units install takes. */
	public static void install(byte[] buffer, short offset, byte length) {
		short privileges = (short) (offset + 1 + buffer[offset]);
		short data = (short) (privileges + 1 + buffer[privileges]);
		byte units = buffer[data] == 0 ? 0 : buffer[(short) (data + 1)];
		new Hoard(units).register(buffer, (short) (offset + 1), buffer[offset]);
	}

	public void process(APDU apdu) {
		if (selectingApplet()) {
			return;
		}
		byte[] buffer = apdu.getBuffer();
		try {
			execute(apdu, buffer, buffer[ISO7816.OFFSET_P1], sizeOf(buffer[ISO7816.OFFSET_P2]));
		} catch (SystemException e) {
			ISOException.throwIt((short) (REFUSED + e.getReason()));
		}
	}

	private void execute(APDU apdu, byte[] buffer, byte slot, short size) {
		byte ins = buffer[ISO7816.OFFSET_INS];
		switch (ins) {
			case INS_ARRAY:
				slots[slot] = new byte[size];
				break;
			case INS_CLEAR_ON_RESET:
				slots[slot] = JCSystem.makeTransientByteArray(size, JCSystem.CLEAR_ON_RESET);
				break;
			case INS_CLEAR_ON_DESELECT:
				slots[slot] = JCSystem.makeTransientByteArray(size, JCSystem.CLEAR_ON_DESELECT);
				break;
			case INS_ABORTED:
			case INS_COMMITTED:
				JCSystem.beginTransaction();
				slots[slot] = new byte[size];
				if (ins == INS_ABORTED) {
					JCSystem.abortTransaction();
				} else {
					JCSystem.commitTransaction();
				}
				break;
			case INS_DROP:
				slots[slot] = null;
				JCSystem.requestObjectDeletion();
				break;
			case INS_AVAILABLE:
				Util.setShort(buffer, (short) 0, JCSystem.getAvailableMemory(slot));
				apdu.setOutgoingAndSend((short) 0, (short) 2);
				break;
			default:
				ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
		}
	}

	private static short sizeOf(byte units) {
		return (short) ((short) (units & 0xFF) * UNIT);
	}
}
