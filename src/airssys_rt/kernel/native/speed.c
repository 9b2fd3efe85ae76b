/* The module: what the twins know of the engine, and how they get into their places. */

#include "speed.h"

#include <stddef.h>
#include <structmember.h>

Speed S;

/* ------------------------------------------------------------------ what the engine has */

static PyObject *
attribute(const char *module, const char *name)
{
    PyObject *found = NULL, *from = PyImport_ImportModule(module);
    if (from != NULL) {
        found = PyObject_GetAttrString(from, name);
        Py_DECREF(from);
    }
    return found;
}

static PyTypeObject *
class_of(const char *module, const char *name)
{
    PyObject *found = attribute(module, name);
    if (found != NULL && !PyType_Check(found)) {
        PyErr_Format(PyExc_ImportError, "%s.%s is no class", module, name);
        Py_CLEAR(found);
    }
    return (PyTypeObject *)found;
}

/* Where a slot lies in the instances of its class. */
static Py_ssize_t
place_of(PyTypeObject *owner, const char *slot)
{
    Py_ssize_t place = -1;
    PyObject *found = PyObject_GetAttrString((PyObject *)owner, slot);
    if (found == NULL) {
        return -1;
    }
    if (Py_IS_TYPE(found, &PyMemberDescr_Type)) {
        PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        if (member->type == T_OBJECT_EX) {
            place = member->offset;
        }
    }
    Py_DECREF(found);
    if (place < 0) {
        PyErr_Format(PyExc_ImportError, "%s.%s is no slot: build the wheel anew", owner->tp_name,
                     slot);
    }
    return place;
}

/* A method that a class of C has, if it is called as `flags` says. */
static PyMethodDef *
method_of(PyTypeObject *owner, const char *name, int flags)
{
    PyMethodDef *method = NULL;
    PyObject *found = PyObject_GetAttrString((PyObject *)owner, name);
    if (found != NULL && Py_IS_TYPE(found, &PyMethodDescr_Type)) {
        method = ((PyMethodDescrObject *)found)->d_method;
    }
    Py_XDECREF(found); /* the class keeps it */
    if (method == NULL || (flags && method->ml_flags != flags)) {
        PyErr_Format(PyExc_ImportError, "%s.%s is unlike CPython's", owner->tp_name, name);
        return NULL;
    }
    return method;
}

#define KERNEL "airssys_rt.kernel."
#define GET(to, from)                                                                             \
    if ((S.to = (from)) == NULL) {                                                                \
        return -1;                                                                                \
    }

int
speed_load(void)
{
    PyMethodDef *method;
    GET(cell, class_of(KERNEL "cell", "Cell"))
    GET(scheduler, class_of(KERNEL "scheduler", "Scheduler"))
    GET(ref, class_of(KERNEL "ref", "ActorRef"))
    GET(inbox, class_of(KERNEL "inbox", "Inbox"))
    GET(more, class_of(KERNEL "more", "More"))
    GET(state, class_of("airssys_rt.core.protocol", "State"))
    GET(protocol, class_of("airssys_rt.core.protocol", "ActorProtocol"))
    GET(call, class_of(KERNEL "waits", "Call"))
    GET(later, class_of("airssys_rt.core.message", "Later"))
    GET(reply_to, class_of(KERNEL "reply", "ReplyTo"))
    GET(deque, class_of("collections", "deque"))
#define PLACE(kind, slot)                                                                         \
    if ((S.at.kind##_##slot = place_of(S.kind, #slot)) < 0) {                                     \
        return -1;                                                                                \
    }
    ALL_SLOTS(PLACE)
#undef PLACE
    GET(empty, attribute(KERNEL "mailbox", "EMPTY"))
    GET(start, attribute(KERNEL "mailbox", "START"))
    GET(no_handler, attribute(KERNEL "cell", "NO_HANDLER"))
    GET(no_children, attribute(KERNEL "more", "NO_CHILDREN"))
    GET(default_spec, attribute(KERNEL "props", "DEFAULT"))
    GET(steps, PyImport_ImportModule(KERNEL "steps"))
    GET(starting_module, PyImport_ImportModule(KERNEL "starting"))
    GET(scheduler_module, PyImport_ImportModule(KERNEL "scheduler"))
    GET(stash_module, PyImport_ImportModule(KERNEL "stash"))
    GET(check_arguments, attribute(KERNEL "construct", "check_arguments"))
    GET(new_, PyUnicode_InternFromString("new"))
    GET(starting, PyUnicode_InternFromString("starting"))
    GET(running, PyUnicode_InternFromString("running"))
    GET(dunder_cell, PyUnicode_InternFromString("__cell__"))
    GET(dunder_init, PyUnicode_InternFromString("__init__"))
    GET(dunder_protocol, PyUnicode_InternFromString("__protocol__"))
    GET(object_new, PyObject_GetAttrString((PyObject *)&PyBaseObject_Type, "__new__"))
    if ((method = method_of(S.deque, "append", METH_O)) == NULL) {
        return -1;
    }
    S.deque_append = method->ml_meth;
    if ((method = method_of(S.deque, "popleft", METH_NOARGS)) == NULL) {
        return -1;
    }
    S.deque_popleft = method->ml_meth;
    if ((S.dict_get = method_of(&PyDict_Type, "get", 0)) == NULL) {
        return -1;
    }
    PyObject *clock = attribute("time", "perf_counter");
    if (clock == NULL) {
        return -1;
    }
    if (!PyCFunction_CheckExact(clock) || PyCFunction_GET_FLAGS(clock) != METH_NOARGS) {
        PyErr_SetString(PyExc_ImportError, "time.perf_counter is unlike CPython's");
        return -1;
    }
    S.perf_counter = PyCFunction_GET_FUNCTION(clock);
    S.time = PyCFunction_GET_SELF(clock);
    S.ready = 1;
    return 0;
}

/* ------------------------------------------------------------------ small steps */

double
speed_clock(void)
{
    PyObject *now = S.perf_counter(S.time, NULL);
    if (now == NULL) {
        return -1.0;
    }
    double seconds = PyFloat_AsDouble(now);
    Py_DECREF(now);
    return seconds;
}

PyObject *
speed_raised(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *kind, *error, *traceback;
    PyErr_Fetch(&kind, &error, &traceback);
    PyErr_NormalizeException(&kind, &error, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(error, traceback);
    }
    Py_XDECREF(kind);
    Py_XDECREF(traceback);
    return error;
#endif
}

void
speed_raise(PyObject *error)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(error);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(error)), error, PyException_GetTraceback(error));
#endif
}

PyObject *
speed_with_error(PyObject *owner, const char *name, PyObject *a, PyObject *b)
{
    PyObject *error = speed_raised(), *before = PyErr_GetHandledException(), *result = NULL;
    PyErr_SetHandledException(error); /* as in an `except` block */
    PyObject *function = PyObject_GetAttrString(owner, name);
    if (function != NULL) {
        result = PyObject_CallFunctionObjArgs(function, a, b, error, NULL);
        Py_DECREF(function);
    }
    PyErr_SetHandledException(before);
    Py_XDECREF(before);
    Py_DECREF(error);
    return result;
}

int
speed_fault(PyObject *cell, PyObject *item)
{
    PyObject *done = speed_with_error(S.steps, "fault", cell, item);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

int
speed_call(PyObject *self, const char *name, PyObject *a, PyObject *b)
{
    PyObject *method = PyObject_GetAttrString(self, name), *done;
    if (method == NULL) {
        return -1;
    }
    done = PyObject_CallFunctionObjArgs(method, a, b, NULL);
    Py_DECREF(method);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

int
speed_step(const char *name, PyObject *cell, PyObject *value)
{
    PyObject *goes_on = PyObject_CallMethod(S.steps, name, "OO", cell, value);
    if (goes_on == NULL) {
        return -1;
    }
    int truth = PyObject_IsTrue(goes_on);
    Py_DECREF(goes_on);
    return truth;
}

int
speed_at_home(PyObject *scheduler)
{
    PyObject *here = PyObject_CallNoArgs(SLOT(scheduler, scheduler_here));
    if (here == NULL) {
        return -1;
    }
    Py_DECREF(here); /* compared by identity only */
    return here == SLOT(scheduler, scheduler_home);
}

int
speed_rest(PyObject *cell)
{
    if (SLOT(cell, cell_box) == cell && SLOT(cell, cell_plain) == Py_True) {
        if (SLOT(cell, cell_first) != S.empty) {
            return 0;
        }
        PUT(cell, cell_box, Py_None);
        return 1;
    }
    PyObject *rests = PyObject_CallMethod(cell, "rest", NULL);
    if (rests == NULL) {
        return -1;
    }
    int truth = PyObject_IsTrue(rests);
    Py_DECREF(rests);
    return truth;
}

/* ------------------------------------------------------------------ the twins' places */

static PyMethodDef METHODS[] = {
    {"ActorRef.tell", speed_tell, METH_O,
     "tell($self, msg, /)\n--\n\nSend without waiting: the compiled twin."},
    {"Scheduler.run_slice", (PyCFunction)(void (*)(void))speed_run_slice,
     METH_FASTCALL | METH_KEYWORDS,
     "run_slice($self, /, *, fresh=True)\n--\n\nHandle messages for one time slice."},
    {"Scheduler.turn", (PyCFunction)(void (*)(void))speed_turn, METH_FASTCALL,
     "turn($self, cell, left, /)\n--\n\nHandle messages of a cell that has a queue of them."},
    {NULL, NULL, 0, NULL},
};
static PyMethodDef FUNCTIONS[] = {
    {"spawn", (PyCFunction)(void (*)(void))speed_spawn, METH_FASTCALL | METH_KEYWORDS,
     "spawn(parent, what, args, kwargs, label=None)\n--\n\nMake a child of `parent`."},
    {"start", speed_start_twin, METH_O,
     "start(cell, /)\n--\n\nConstruct an incarnation and run its `pre_start`."},
    {NULL, NULL, 0, NULL},
};
static struct {
    const char *name;
    PyObject **pure;
} PURES[] = {
    {"ActorRef.tell", &S.pure_tell},
    {"Scheduler.run_slice", &S.pure_run_slice},
    {"Scheduler.turn", &S.pure_turn},
    {"spawn", &S.pure_spawn},
    {"start", &S.pure_start},
};

static PyMethodDef *
twin_of(PyMethodDef *table, const char *name, PyObject *pure)
{
    for (size_t i = 0; i < sizeof(PURES) / sizeof(PURES[0]); i++) {
        if (strcmp(PURES[i].name, name) == 0) {
            Py_XSETREF(*PURES[i].pure, Py_NewRef(pure));
        }
    }
    for (; table->ml_name != NULL; table++) {
        if (strcmp(table->ml_name, name) == 0) {
            return table;
        }
    }
    PyErr_Format(PyExc_LookupError, "no twin of %s", name);
    return NULL;
}

/* The methods' names carry their class; what Python shows is the last part. */
static PyMethodDef SHOWN[sizeof(METHODS) / sizeof(METHODS[0])];

static PyObject *
method(PyObject *module, PyObject *args)
{
    PyTypeObject *owner;
    const char *name;
    PyObject *pure;
    if (!PyArg_ParseTuple(args, "O!sO:method", &PyType_Type, &owner, &name, &pure)) {
        return NULL;
    }
    PyMethodDef *twin = twin_of(METHODS, name, pure);
    if (twin == NULL) {
        return NULL;
    }
    PyMethodDef *shown = &SHOWN[twin - METHODS];
    *shown = *twin;
    shown->ml_name = strchr(twin->ml_name, '.') + 1;
    return PyDescr_NewMethod(owner, shown);
}

static PyObject *
function(PyObject *module, PyObject *args)
{
    const char *name;
    PyObject *pure;
    if (!PyArg_ParseTuple(args, "sO:function", &name, &pure)) {
        return NULL;
    }
    PyMethodDef *twin = twin_of(FUNCTIONS, name, pure);
    return twin == NULL ? NULL : PyCFunction_New(twin, NULL);
}

static PyMethodDef MODULE[] = {
    {"method", method, METH_VARARGS,
     "method(owner, name, pure, /)\n--\n\nThe twin of a method, as its class's attribute."},
    {"function", function, METH_VARARGS,
     "function(name, pure, /)\n--\n\nThe twin of a function."},
    {"ask_now", (PyCFunction)(void (*)(void))speed_ask_now, METH_FASTCALL,
     "ask_now(ref, msg, timeout, /)\n--\n\n"
     "The reply to an ask that one call answers; NOT_NOW; or a `Call`."},
    {NULL, NULL, 0, NULL},
};

static int
execute(PyObject *module)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "the twins serve the main interpreter only");
        return -1;
    }
    S.ready = 0;
    if (S.not_now == NULL) {
        S.not_now = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
        if (S.not_now == NULL) {
            return -1;
        }
    }
    return PyModule_AddObjectRef(module, "NOT_NOW", S.not_now);
}

static PyModuleDef_Slot SLOTS[] = {
    {Py_mod_exec, execute},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef DEFINITION = {
    PyModuleDef_HEAD_INIT,
    .m_name = "airssys_rt.kernel.native.speed",
    .m_doc = "Compiled twins of the engine's hottest functions.",
    .m_size = 0,
    .m_methods = MODULE,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC
PyInit_speed(void)
{
    return PyModuleDef_Init(&DEFINITION);
}
