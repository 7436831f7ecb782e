#!/usr/bin/env python3
"""Writes what is the same for every resource: the standard methods of each service and their messages.

Reads the resource messages of oversight/<service>/v1/*.proto, those with `option (type.v1.resource)`, and writes
  <service>_standard.proto  the messages of Create, Get, List, Update, Delete (AIP-131 to 135) and Import
  <service>_batch.proto     the messages of the batch methods (AIP-231 to 235), Undelete, Void and Merge
  <service>_service.proto   between its two markers, the methods
and completes the common last fields of each resource. Numbers once given stay: Import's are read from the present
file, and fields that were added to a message by hand are kept. See protos/README.md.

Usage: standard_methods.py [--check]   With --check nothing is written; exit code 1 when something would change.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent
SERVICES = ('workforce', 'caseload', 'supervision', 'compliance')
BEGIN = '  // ---- standard methods, written by protos/standard_methods.py ----\n'
END = '  // ---- end of the standard methods ----\n'
WRITTEN = '// Written by protos/standard_methods.py; fields added to a message by hand are kept.\n'
RETIRE = 30
METHODS = ('Create', 'Get', 'List', 'Update', 'Delete', 'BatchGet', 'BatchCreate', 'BatchUpdate', 'BatchDelete',
           'Undelete', 'Void', 'Merge', 'Import')


def snake(camel):
    return re.sub(r'(?<!^)(?=[A-Z])', '_', camel).lower()


class Kind:
    def __init__(self, name, options, comment):
        self.name = name
        self.field = snake(name)
        self.pattern = re.search(r'pattern:\s*"([^"]+)"', options).group(1)
        collection = self.pattern.split('/')[-2]
        self.plural = collection[0].upper() + collection[1:]
        self.items = snake(self.plural)
        self.parent = '/'.join(self.pattern.split('/')[:-2])
        self.comment = comment
        # Methods it does not have: void and batches are not for the tenant itself, merging only for those that say so.
        self.without = set(re.findall(r'"(\w+)"', (re.search(r'without:\s*(\[[^\]]*\]|"\w+")', options) or [''])[0]))
        unknown = self.without - set(METHODS)
        if unknown:
            sys.exit(f'{name}: `without` names no standard method: {", ".join(sorted(unknown))}')
        if not self.parent:
            self.without |= {'BatchGet', 'BatchCreate', 'BatchUpdate', 'BatchDelete', 'Void'}
        if not re.search(r'mergeable:\s*true', options):
            self.without.add('Merge')
        for method in ('Create', 'Get', 'Update', 'Delete'):
            if method in self.without:
                self.without.add('Batch' + method)

    def has(self, method):
        return method not in self.without


def comment_above(text, start):
    """The comment lines right above a declaration, their first sentence."""
    lines = []
    for line in reversed(text[:start].rstrip('\n').split('\n')):
        if not line.startswith('//'):
            break
        lines.insert(0, line[2:].strip())
    sentence = re.match(r'.*?\.(?=\s|$)', ' '.join(lines) or '')
    return sentence.group(0) if sentence else ' '.join(lines)


def message_end(text, start):
    """Just behind the closing brace of the message that begins at `start`."""
    depth = 0
    for match in re.compile(r'//[^\n]*|"(?:[^"\\]|\\.)*"|[{}]').finditer(text, start):
        if match.group(0) == '{':
            depth += 1
        elif match.group(0) == '}':
            depth -= 1
            if depth == 0:
                return match.end()
    sys.exit('a message does not end')


def resources(text):
    for match in re.finditer(r'^message (\w+) \{', text, re.M):
        body = text[match.start():message_end(text, match.start())]
        option = re.match(r'message \w+ \{\s*option \(type\.v1\.resource\) = (\{.*?\});', body, re.S)
        if option:
            yield match, body, option.group(1)


def complete_resources(text):
    """Adds the last fields that all resources have in common to those that lack them."""
    tail = {
        'external_ids = 14': '  repeated type.v1.ExternalId external_ids = 14;\n',
        'create_time = 20': '  google.protobuf.Timestamp create_time = 20 [(type.v1.rules) = {output_only: true}];\n',
        'update_time = 21': '  google.protobuf.Timestamp update_time = 21 [(type.v1.rules) = {output_only: true}];\n',
        'delete_time = 22': '  google.protobuf.Timestamp delete_time = 22 [(type.v1.rules) = {output_only: true}];\n',
        'etag = 23': '  string etag = 23;\n',
        'withdrawal = 24': '  type.v1.Withdrawal withdrawal = 24 [(type.v1.rules) = {output_only: true}];\n',
    }
    complete = text
    for match, body, _ in resources(text):
        missing = ''.join(line for field, line in tail.items() if f' {field}' not in body)
        complete = complete.replace(body, body[:-1] + missing + '}')
    for needed in ('google/protobuf/timestamp.proto', 'oversight/type/v1/external_id.proto',
                   'oversight/type/v1/withdrawal.proto'):
        if complete != text or 'type.v1.Withdrawal' in complete:
            complete = with_import(complete, needed)
    return complete


def with_import(text, path):
    imports = re.findall(r'^import "[^"]+";\n', text, re.M)
    line = f'import "{path}";\n'
    if line in imports:
        return text
    block = ''.join(imports)
    return text.replace(block, ''.join(sorted(imports + [line])))


def statements(body):
    """The (comment and field) texts of a message body, each with the field's name; nested messages are left out."""
    nested = re.compile(r'^  (?:message|enum|oneof) \w+ \{', re.M)
    while match := nested.search(body):
        body = body[:match.start()] + body[message_end(body, match.start()):]
    for match in re.finditer(r'((?:^  //[^\n]*\n)*)^  (?!//)[\w.<>, ]+ (\w+) = \d+(?:\s*\[.*?\])?;\n', body, re.M | re.S):
        yield match.group(2), match.group(0)


class Messages:
    """Writes messages one after the other, keeping fields that stand in the present file by hand."""

    def __init__(self, present):
        self.present = present
        self.text = ''

    def add(self, name, body):
        known = {field for field, _ in statements(body)}
        match = re.search(rf'^message {name} \{{\n', self.present, re.M)
        if match:
            old = self.present[match.end():message_end(self.present, match.start()) - 1]
            body += ''.join(text for field, text in statements(old) if field not in known)
        self.text += f'\nmessage {name} {{\n{body}}}\n'


def standard_messages(kind, out):
    r, f = kind.name, kind.field
    several = ' An id of `-` stands for all.' if kind.parent.count('{') > 1 else ''
    parent = f'  // `{kind.parent}`.\n  string parent = 1;\n' if kind.parent else ''
    list_parent = f'  // `{kind.parent}`.{several}\n  string parent = 1;\n' if kind.parent else ''
    if kind.has('Create'):
        out.add(f'Create{r}Request', f'''{parent}  // The last part of the new name; the service chooses one when it is empty.
  string {f}_id = 2;
  {r} {f} = 3;
  string request_id = 4;
  bool validate_only = 5;
''')
    if kind.has('Get'):
        out.add(f'Get{r}Request', '  string name = 1;\n')
    if kind.has('List'):
        out.add(f'List{kind.plural}Request', f'''{list_parent}  // At most this many; 0 means 100, more than 1,000 counts as 1,000. A page may hold fewer, even none, and yet be
  // followed by another.
  int32 page_size = 2;
  // From the page before; belongs to the same query.
  string page_token = 3;
  bool show_deleted = 4;
  // Only those of which all this holds (AIP-160), for example `external_ids.system = "hr" AND NOT end_date:*`.
  string filter = 5;
''')
        out.add(f'List{kind.plural}Response', f'''  repeated {r} {kind.items} = 1;
  // Empty on the last page.
  string next_page_token = 2;
''')
    if kind.has('Update'):
        out.add(f'Update{r}Request', f'''  {r} {f} = 1;
  // The fields to change; empty means all that are set, `*` all.
  google.protobuf.FieldMask update_mask = 2;
  // Creates it when it does not exist; `update_mask` is then ignored.
  bool allow_missing = 3;
  string request_id = 4;
  bool validate_only = 5;
''')
    if kind.has('Delete'):
        out.add(f'Delete{r}Request', '''  string name = 1;
  string etag = 2;
  string request_id = 3;
  bool validate_only = 4;
''')


def batch_messages(kind, out):
    r, p, items = kind.name, kind.plural, kind.items
    parent = f'  // `{kind.parent}`.{" An id of `-` stands for any." if kind.parent.count("{") > 1 else ""}\n  string parent = 1;\n'
    reply = f'  // In the order of the request.\n  repeated {r} {items} = 1;\n'
    ids = '  // For the batch as a whole; its requests bear none.\n  string request_id = 3;\n  bool validate_only = 4;\n'
    if kind.has('BatchGet'):
        out.add(f'BatchGet{p}Request', f'{parent}  // At most 1,000, each once.\n  repeated string names = 2;\n')
        out.add(f'BatchGet{p}Response', reply)
    for verb in ('Create', 'Update', 'Delete'):
        if kind.has('Batch' + verb):
            out.add(f'Batch{verb}{p}Request',
                    f'{parent}  // At most 1,000, each about another {r}.\n  repeated {verb}{r}Request requests = 2;\n{ids}')
            out.add(f'Batch{verb}{p}Response', reply)
    tail = '''  string etag = {0};
  string request_id = {1};
  bool validate_only = {2};
'''
    if kind.has('Undelete'):
        out.add(f'Undelete{r}Request', '  string name = 1;\n' + tail.format(2, 3, 4))
    why = '  // Why; kept with the entry.\n  string reason = {0};\n'
    if kind.has('Void'):
        out.add(f'Void{r}Request', '  string name = 1;\n' + why.format(2) + tail.format(3, 4, 5))
    if kind.has('Merge'):
        out.add(f'Merge{r}Request', '  // The duplicate.\n  string name = 1;\n  // The one that stays.\n  string into = 2;\n' +
                why.format(3) + tail.format(4, 5, 6))


def import_messages(kinds, out):
    present = re.search(r'oneof resource \{(.*?)\}', out.present, re.S)
    numbers = {m.group(1): int(m.group(2))
               for m in re.finditer(r'(\w+) \w+ = (\d+);', present.group(1) if present else '')}
    free = (n for n in range(1, 500) if n != RETIRE and n not in numbers.values())
    for kind in kinds:
        if kind.name not in numbers and kind.has('Import'):
            numbers[kind.name] = next(free)
    fields = ''.join(f'      {name} {snake(name)} = {number};\n'
                     for name, number in sorted(numbers.items(), key=lambda item: item[1]))
    out.add('ImportRequest', f'''  // One record, complete with its name.
  message Record {{
    oneof resource {{
{fields}    }}
    // Deletes it instead (only the name counts): for rows that vanished from a re-sent extract.
    bool retire = {RETIRE};
  }}
  // `authorities/{{authority}}`.
  string parent = 1;
  repeated Record records = 2;
  bool validate_only = 3;
''')
    out.add('ImportResponse', '''  enum Outcome {
    OUTCOME_UNSPECIFIED = 0;
    OUTCOME_CREATED = 1;
    OUTCOME_UPDATED = 2;
    OUTCOME_UNCHANGED = 3;
    OUTCOME_RESTORED = 4;
    OUTCOME_RETIRED = 5;
    OUTCOME_REFUSED = 6;
  }
  message Result {
    Outcome outcome = 1;
    // Why it was refused.
    google.rpc.Status error = 2;
  }
  // One for each record, in the order of the request.
  repeated Result results = 1;
  // The point of the ledger after the last of them.
  string token = 2;
''')


def rpcs(kinds, present):
    text = ''
    for kind in kinds:
        r, p = kind.name, kind.plural
        # The comment above the first method of a kind is written by hand once and kept.
        kept = re.search(rf'^((?:  //[^\n]*\n)+)  rpc \w*(?:{r}|{p})\(', present, re.M)
        text += kept.group(1) if kept else f'  // {kind.comment}\n'
        lines = [
            ('Create', f'Create{r}', r, ''), ('Get', f'Get{r}', r, ''), ('List', f'List{p}', f'List{p}Response', ''),
            ('Update', f'Update{r}', r, ''),
            ('Delete', f'Delete{r}', r, 'Soft deletion: it no longer counts, its history stays.'),
            ('Undelete', f'Undelete{r}', r, 'Brings back what was deleted, voided or merged.'),
            ('Void', f'Void{r}', r, 'Takes back an entry made in error, with what lies beneath it.'),
            ('Merge', f'Merge{r}', r, 'Joins a duplicate to the one that stays; replies with the duplicate.'),
        ] + [(f'Batch{verb}', f'Batch{verb}{p}', f'Batch{verb}{p}Response',
              'Batches of up to 1,000: all or nothing.' if verb == 'Get' else '')
             for verb in ('Get', 'Create', 'Update', 'Delete')]
        for method, name, reply, comment in lines:
            if kind.has(method):
                text += (f'  // {comment}\n' if comment else '') + f'  rpc {name}({name}Request) returns ({reply});\n'
        text += '\n'
    return text + '''  // Writes up to 2,000 records, each on its own: created, changed, restored, left alone when equal, or refused with
  // the reason. Sending the same again changes nothing. All that is accepted is durable when the call returns.
  // Records of one call may refer to each other, in any order.
  rpc Import(ImportRequest) returns (ImportResponse);
'''


def header(service, what, imports, options=''):
    lines = ''.join(f'import "{path}";\n' for path in sorted(imports))
    return f'// {what}\n{WRITTEN}syntax = "proto3";\n\npackage oversight.{service}.v1;\n\n{lines}{options}'


def outputs(service):
    """Path and new text of each file of the service that this program writes."""
    folder = TOP / 'oversight' / service / 'v1'
    main = folder / f'{service}.proto'
    written = {name: folder / f'{service}_{name}.proto' for name in ('standard', 'batch', 'service')}
    facts = [main] + sorted(path for path in folder.glob('*.proto') if path != main and path not in written.values())
    result, kinds, files = {}, [], []
    for path in facts:
        text = complete_resources(path.read_text())
        result[path] = text
        found = [Kind(match.group(1), options, comment_above(text, match.start()))
                 for match, _, options in resources(text)]
        kinds += found
        if found:
            files.append(str(path.relative_to(TOP)))
    present = {name: path.read_text() if path.exists() else '' for name, path in written.items()}
    base = f'oversight/{service}/v1/{service}'

    standard = Messages(present['standard'])
    for kind in kinds:
        standard_messages(kind, standard)
    import_messages(kinds, standard)
    result[written['standard']] = header(
        service, f'The messages of the {service} service\'s standard methods (AIP-131 to 135) and of its bulk import.',
        ['google/protobuf/field_mask.proto', 'google/rpc/status.proto'] + files) + standard.text

    batch = Messages(present['batch'])
    for kind in kinds:
        batch_messages(kind, batch)
    # Few programs use their C++ classes, so these need not be fast, but quick to compile.
    result[written['batch']] = header(
        service, f'The messages of the {service} service\'s batch methods (AIP-231 to 235), Undelete, Void and Merge.',
        [f'{base}_standard.proto'] + files, '\noption optimize_for = CODE_SIZE;\n') + batch.text

    before, begin, rest = present['service'].partition(BEGIN)
    old, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f'{written["service"]}: the markers are missing')
    text = before + BEGIN + rpcs(kinds, old) + END + after
    for path in (f'{base}_standard.proto', f'{base}_batch.proto', *files):
        text = with_import(text, path)
    result[written['service']] = text
    return result


def main():
    check = sys.argv[1:] == ['--check']
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    changed = []
    for service in SERVICES:
        for path, text in outputs(service).items():
            if path.exists() and path.read_text() == text:
                continue
            changed.append(path)
            if not check:
                path.write_text(text)
    for path in changed:
        print(f'{"would change" if check else "wrote"} {path.relative_to(TOP)}')
    if check and changed:
        print('run protos/standard_methods.py')
        sys.exit(1)


if __name__ == '__main__':
    main()
