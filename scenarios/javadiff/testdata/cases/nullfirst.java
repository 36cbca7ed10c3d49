// short 800000000400000000 8000000004FFFB0000 80000000047FFF0000
package diff;

import javacard.framework.*;

/** A null array and an offset out of bounds: null comes first. */
public class App extends Applet {
    public static void install(byte[] b, short o, byte l) { new App().register(); }

    public void process(APDU apdu) {
        if (selectingApplet()) return;
        byte[] b = apdu.getBuffer();
        apdu.setIncomingAndReceive();
        short offset = Util.getShort(b, (short) 5);
        for (byte i = 0; i < 5; i++) b[i] = call(i, offset);
        apdu.setOutgoingAndSend((short) 0, (short) 5);
    }

    static byte call(byte which, short offset) {
        byte[] some = new byte[4];
        try {
            switch (which) {
                case 0: Util.getShort(null, offset); break;
                case 1: Util.setShort(null, offset, (short) 1); break;
                case 2: Util.arrayCopyNonAtomic(null, offset, some, (short) 0, (short) 1); break;
                case 3: Util.arrayCopyNonAtomic(some, (short) 0, null, offset, (short) 1); break;
                default: Util.arrayFillNonAtomic(null, offset, (short) -1, (byte) 0); break;
            }
        } catch (NullPointerException e) {
            return 1;
        } catch (ArrayIndexOutOfBoundsException e) {
            return 2;
        }
        return 0;
    }
}
