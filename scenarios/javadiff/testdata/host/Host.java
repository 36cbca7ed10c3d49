import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISOException;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles programs against the API's declarations and runs them on this JVM
 * with the behavioural API classes beside this one.
 *
 * <p>A request on standard input is: count of sources, each a path and a text;
 * name of the applet's class; count of commands, each bytes. A text or bytes
 * are a length and that many bytes; counts and lengths have four bytes. The
 * answer on standard output is: javac's messages; when they are empty, count of
 * classes, each a path and bytes; count of responses, each bytes.
 */
final class Host {
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
    private final String api;

    private Host(String api) {
        this.api = api;
    }

    public static void main(String[] args) throws IOException {
        Host host = new Host(args[0]);
        DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(new java.io.BufferedOutputStream(System.out));
        while (true) {
            int first = in.read();
            if (first < 0) {
                return;
            }
            int count = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
            host.request(count, in, out);
            out.flush();
        }
    }

    private void request(int count, DataInputStream in, DataOutputStream out) throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String path = new String(bytes(in), "UTF-8");
            sources.add(new Source(path, new String(bytes(in), "UTF-8")));
        }
        String applet = new String(bytes(in), "UTF-8");
        byte[][] commands = new byte[in.readInt()][];
        for (int i = 0; i < commands.length; i++) {
            commands[i] = bytes(in);
        }
        Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
        StringWriter messages = new StringWriter();
        JavaCompiler.CompilationTask task = compiler.getTask(messages, new Output(files, classes), null,
                Arrays.asList("-source", "8", "-target", "8", "-g", "-Xlint:-options", "-proc:none", "-classpath", api),
                null, sources);
        if (!task.call() && messages.toString().isEmpty()) {
            messages.write("javac failed");
        }
        write(out, messages.toString().getBytes("UTF-8"));
        if (!messages.toString().isEmpty()) {
            return;
        }
        out.writeInt(classes.size());
        for (Map.Entry<String, ByteArrayOutputStream> c : classes.entrySet()) {
            write(out, c.getKey().getBytes("UTF-8"));
            write(out, c.getValue().toByteArray());
        }
        List<byte[]> responses = applet.isEmpty() ? new ArrayList<byte[]>() : run(classes, applet, commands);
        out.writeInt(responses.size());
        for (byte[] response : responses) {
            write(out, response);
        }
    }

    /** Installs the applet and has it process the commands. */
    private static List<byte[]> run(final Map<String, ByteArrayOutputStream> classes, String applet, byte[][] commands) {
        List<byte[]> responses = new ArrayList<>();
        try {
            ClassLoader loader = new ClassLoader(Host.class.getClassLoader()) {
                @Override
                protected Class<?> findClass(String name) throws ClassNotFoundException {
                    ByteArrayOutputStream b = classes.get(name.replace('.', '/') + ".class");
                    if (b == null) {
                        throw new ClassNotFoundException(name);
                    }
                    return defineClass(name, b.toByteArray(), 0, b.size());
                }
            };
            Applet.registered = null;
            java.lang.reflect.Method install = loader.loadClass(applet).getMethod("install", byte[].class, short.class, byte.class);
            install.setAccessible(true);
            install.invoke(null, new byte[16], (short) 0, (byte) 0);
            for (byte[] command : commands) {
                responses.add(process(Applet.registered, command));
            }
        } catch (Throwable e) {
            responses.add(("host: " + e + " " + e.getCause()).getBytes());
        }
        return responses;
    }

    private static byte[] process(Applet applet, byte[] command) {
        APDU apdu = new APDU(command);
        try {
            applet.process(apdu);
            return apdu.response((short) 0x9000);
        } catch (ISOException e) {
            return apdu.response(e.getReason() == 0 ? (short) 0x9000 : e.getReason());
        } catch (RuntimeException e) {
            return apdu.response((short) 0x6F00);
        }
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        byte[] b = new byte[in.readInt()];
        in.readFully(b);
        return b;
    }

    private static void write(DataOutputStream out, byte[] b) throws IOException {
        out.writeInt(b.length);
        out.write(b);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignore) {
            return text;
        }
    }

    private static final class Output extends ForwardingJavaFileManager<StandardJavaFileManager> {
        private final Map<String, ByteArrayOutputStream> classes;

        Output(StandardJavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
            super(files);
            this.classes = classes;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(JavaFileManager.Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            final String path = name.replace('.', '/') + ".class";
            return new SimpleJavaFileObject(URI.create("mem:///" + path), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream b = new ByteArrayOutputStream();
                    classes.put(path, b);
                    return b;
                }
            };
        }
    }
}
